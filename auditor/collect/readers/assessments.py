"""The machines that were discovered and assessed, and the groups and assessments that lead to them.

They are read only where they are asked for, and only in the projects, groups and assessments that are named: there can
be a hundred thousand.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar

import msgspec

from auditor.collect.listing import Body, Listing, Rest
from auditor.collect.progress import SILENT, Progress, Stage
from auditor.collect.reader import Reader
from auditor.collect.readers.from_rows import listed_at
from auditor.collect.workers import Workers
from auditor.inventory.arm_id import MalformedArmId
from auditor.inventory.lists import (
    ASSESSED_MACHINES,
    ASSESSMENT_GROUPS,
    ASSESSMENT_PROJECTS,
    ASSESSMENTS,
    GROUP_ASSESSED_MACHINES,
    GROUP_ASSESSMENTS,
    SITE_MACHINES,
    SITES_OF_MACHINES,
    Purpose,
)
from auditor.inventory.readiness_scope import EVERYTHING, ReadinessScope
from auditor.inventory.resources.assessments import AssessedMachine, Assessment, AssessmentGroup
from auditor.inventory.resources.migrate import AssessmentProject
from auditor.inventory.resources.offazure import Site, SiteMachine
from auditor.inventory.resources.resource import Resource

PAGE_SIZE = "1000"
"""The number of assessed machines to ask for in a page; Azure documents the parameter, and no limit of it."""

WIDTH = 4
"""The number of lists that are read at once: the bodies of a page are large, and cut only after it was decoded."""


def _listing(one: Listing) -> Listing:
    """Return the declaration of a list: with larger pages and smaller items, and without the items of another one."""
    paged = one.what in {ASSESSED_MACHINES, GROUP_ASSESSED_MACHINES}
    if paged and isinstance(one.source, Rest):
        one = replace(one, source=replace(one.source, wish={"pageSize": PAGE_SIZE}))
    cut = SiteMachine if one.what in SITE_MACHINES else AssessedMachine if paged else None
    return replace(one, parted=one.what == ASSESSMENTS, below=one.what != ASSESSMENTS, cut=cut)


_PARENTS = (ASSESSMENT_PROJECTS, *SITES_OF_MACHINES, ASSESSMENT_GROUPS, GROUP_ASSESSMENTS, ASSESSMENTS)

BELOW: dict[str, tuple[Listing, ...]] = {
    parent.lower(): tuple(map(_listing, listed_at(parent, Purpose.MACHINES))) for parent in _PARENTS
}
"""The lists that are read of each resource of a type (lower case)."""

LISTINGS: tuple[Listing, ...] = tuple(listing for listings in BELOW.values() for listing in listings)
"""Every one of them."""


R = TypeVar("R", bound=Resource)


async def read_machines(reader: Reader, progress: Progress = SILENT, scope: ReadinessScope = EVERYTHING) -> None:
    """Record the groups, assessments and machines of the recorded assessment projects and sites in the scope."""
    await _Descent(reader, progress, scope).run()


class _Descent:
    """The reading of lists of machines from their projects and sites downwards; each resource found adds its own."""

    def __init__(self, reader: Reader, progress: Progress, scope: ReadinessScope) -> None:
        self._reader = reader
        self._progress = progress
        self._scope = scope
        self._workers = Workers(WIDTH)
        self._lists = 0
        self._added: set[str] = set()

    async def run(self) -> None:
        for body, kind in self._roots():
            self._add(str(body.get("id")), kind)
        self._progress.started(Stage.MACHINES, self._lists)
        await self._workers.run()
        self._progress.finished(Stage.MACHINES)

    def _roots(self) -> Iterator[tuple[Body, str]]:
        """Yield the assessment projects in the scope, then the sites of these."""
        held, projects = self._reader.recording, []
        for body in list(held.bodies(ASSESSMENT_PROJECTS)):
            project = _typed(body, AssessmentProject)
            if project is None or self._scope.has_project(project):
                projects += [project] if project is not None else []
                yield body, ASSESSMENT_PROJECTS.lower()
        for kind in SITES_OF_MACHINES:
            for body in list(held.bodies(kind)):
                site = _typed(body, Site)
                if site is None or self._scope.has_site(site, projects):
                    yield body, kind.lower()

    def _add(self, identity: str, kind: str) -> None:
        """Plan the lists of a resource, once also where it is listed twice."""
        if identity.lower() in self._added:
            return
        self._added.add(identity.lower())
        for listing in BELOW.get(kind, ()):
            self._lists += 1
            self._reader.recording.plan(listing.what, identity)
            self._workers.add(partial(self._read, listing, identity))

    async def _read(self, listing: Listing, identity: str) -> None:
        await self._reader.read(listing, identity, each=partial(self._follow, listing.what.lower()))
        self._progress.advanced(Stage.MACHINES)

    def _follow(self, kind: str, body: Body) -> None:
        if kind in BELOW and self._is_wanted(kind, body):
            self._add(str(body.get("id")), kind)
            self._progress.started(Stage.MACHINES, self._lists)

    def _is_wanted(self, kind: str, body: Body) -> bool:
        """Return whether a group or an assessment is in the scope; so is one that cannot be understood."""
        if kind == ASSESSMENT_GROUPS.lower():
            group = _typed(body, AssessmentGroup)
            return group is None or self._scope.has_group(group)
        assessment = _typed(body, Assessment)
        return assessment is None or self._scope.has_assessment(assessment)


def _typed(body: Body, cls: type[R]) -> R | None:
    """Return a body as its type; None for one that cannot be understood."""
    try:
        return msgspec.convert(body, cls)
    except (msgspec.ValidationError, MalformedArmId):
        return None
