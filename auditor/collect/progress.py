"""Who wants to know how far a scan is."""

from enum import Enum
from typing import Protocol


class Stage(Enum):
    """The parts of a scan, in the words of someone who watches it."""

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
        """Take notice that a stage has `total` reads; comes again with a larger total when more turn up."""

    def advanced(self, stage: Stage, by: int = 1) -> None:
        """Take notice that `by` more reads of a stage have ended, whatever came of them."""

    def finished(self, stage: Stage) -> None:
        """Take notice that a stage has ended."""


class Silent:
    """An observer that does nothing."""

    def started(self, stage: Stage, total: int) -> None:
        """Do nothing."""

    def advanced(self, stage: Stage, by: int = 1) -> None:
        """Do nothing."""

    def finished(self, stage: Stage) -> None:
        """Do nothing."""


SILENT = Silent()
"""The observer of those who do not watch."""
