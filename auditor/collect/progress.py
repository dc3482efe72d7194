"""The progress of a scan: its stages, and the interface of an observer."""

from enum import Enum
from typing import Protocol


class Stage(Enum):
    """The stages of a scan, with the names that are shown."""

    TENANT = "tenant"
    SUBSCRIPTIONS = "subscriptions"
    PROJECTS = "projects and sites"
    WORKSPACES = "uses of workspaces, and what was left behind"
    POLICIES = "policies"
    DIAGNOSTICS = "diagnostic settings, one request a resource"
    ACCESS = "delegations and eligibilities"
    DIRECTORY = "directory"


class Progress(Protocol):
    """An observer of a scan; its methods must be quick."""

    def started(self, stage: Stage, total: int) -> None:
        """Note that a stage has `total` reads; called again with a larger total where more turn up."""

    def advanced(self, stage: Stage, by: int = 1) -> None:
        """Note that `by` more reads of a stage have ended, successfully or not."""

    def finished(self, stage: Stage) -> None:
        """Note that a stage has ended."""


class Silent:
    """The observer that does nothing."""

    def started(self, stage: Stage, total: int) -> None:
        """Do nothing."""

    def advanced(self, stage: Stage, by: int = 1) -> None:
        """Do nothing."""

    def finished(self, stage: Stage) -> None:
        """Do nothing."""


SILENT = Silent()
