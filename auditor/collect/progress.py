"""The progress of a scan: its stages, each run under the eyes of an observer."""

from collections.abc import Iterable
from enum import Enum
from functools import partial
from typing import Protocol

from auditor.collect.workers import Job, Workers


class Stage(Enum):
    """The stages of a scan, with the names that are shown."""

    TENANT = "tenant"
    INVENTORY = "inventory of Resource Graph"
    SUBSCRIPTIONS = "subscriptions"
    PROJECTS = "projects and sites"
    WORKSPACES = "uses of workspaces, and what was left behind"
    POLICIES = "policies"
    MACHINES = "assessments and machines"
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


async def run_stage(
    stage: Stage, jobs: Iterable[Job], count: int, progress: Progress, workers: Workers | None = None
) -> None:
    """Run the `count` jobs of a stage, and tell the observer as each one ends."""

    async def counted(job: Job) -> None:
        await job()
        progress.advanced(stage)

    progress.started(stage, count)
    await (workers or Workers()).run(partial(counted, job) for job in jobs)
    progress.finished(stage)
