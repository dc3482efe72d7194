"""The machines that were discovered and assessed, and the groups and assessments that lead to them.

They are read only where they are asked for: there can be a hundred thousand.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from auditor.collect.listing import Body, Listing, Rest
from auditor.collect.reader import Reader
from auditor.collect.readers.from_rows import listed_at
from auditor.collect.workers import Job, Workers
from auditor.inventory.lists import (
    ASSESSED_MACHINES,
    ASSESSMENT_GROUPS,
    ASSESSMENT_PROJECTS,
    ASSESSMENTS,
    GROUP_ASSESSED_MACHINES,
    GROUP_ASSESSMENTS,
    HYPERV_SITES,
    SERVER_SITES,
    SITE_MACHINES,
    VMWARE_SITES,
    Purpose,
)
from auditor.inventory.resources.assessments import AssessedMachine
from auditor.inventory.resources.offazure import SiteMachine

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


_PARENTS = (
    ASSESSMENT_PROJECTS,
    ASSESSMENT_GROUPS,
    GROUP_ASSESSMENTS,
    ASSESSMENTS,
    VMWARE_SITES,
    HYPERV_SITES,
    SERVER_SITES,
)

BELOW: dict[str, tuple[Listing, ...]] = {
    parent.lower(): tuple(map(_listing, listed_at(parent, Purpose.MACHINES))) for parent in _PARENTS
}
"""The lists that are read of each resource of a type (lower case)."""

LISTINGS: tuple[Listing, ...] = tuple(listing for listings in BELOW.values() for listing in listings)
"""Every one of them."""


async def read_machines(reader: Reader) -> None:
    """Record the groups, assessments and machines of the assessment projects and sites that are recorded."""
    workers = Workers(WIDTH)
    roots = (ASSESSMENT_PROJECTS, VMWARE_SITES, HYPERV_SITES, SERVER_SITES)
    held = [(str(body.get("id")), what.lower()) for what in roots for body in reader.recording.bodies(what)]
    await workers.run([job for identity, kind in held for job in _jobs(reader, workers, identity, kind)])


def _jobs(reader: Reader, workers: Workers, identity: str, kind: str) -> Iterator[Job]:
    """Yield the reads of one resource; each resource that they find adds its own."""
    for listing in BELOW.get(kind, ()):
        reader.recording.plan(listing.what, identity)
        yield partial(reader.read, listing, identity, each=partial(_follow, reader, workers, listing.what.lower()))


def _follow(reader: Reader, workers: Workers, kind: str, body: Body) -> None:
    if kind in BELOW:
        for job in _jobs(reader, workers, str(body.get("id")), kind):
            workers.add(job)
