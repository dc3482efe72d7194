"""What each site shows about its discovery: how fresh it is, deleted machines, dependencies, errors by code."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.facts.fact import Gap
from auditor.facts.readiness.counters import is_off, platform_of
from auditor.inventory.resources.offazure import ReportedError, Site, SiteMachine

NEW_MACHINES_WITHIN = timedelta(minutes=15)
CHANGES_WITHIN = timedelta(minutes=30)
"""How soon machines that are new, and what changes, is shown after the appliance has sent it."""
MOST_CODES = 200
"""Maximum number of different codes of errors that are counted one by one."""
FURTHER_CODES = "further codes"


@dataclass(frozen=True, slots=True)
class SiteDiscovery:
    """What the machines of one site come to.

    `newest` is when the newest data of any machine was stored, `heartbeat` when an appliance of the site last reported.
    `deleted` machines are still listed; `deleted_late` of them for more than 30 minutes. `undated` machines may have
    been deleted at any time: what Azure returned does not tell. `dependencies` counts machines by the state of their
    dependency mapping, `errors` machines by the code of an error.
    """

    id: str
    name: str
    platform: str
    machines: int
    newest: datetime | None
    heartbeat: datetime | None
    deleted: int
    deleted_late: int
    undated: int
    off: int
    without_dynamic_memory: int
    dependencies: Mapping[str, int]
    errors: Mapping[str, int]
    with_errors: int
    gaps: tuple[Gap, ...]

    def is_stale(self, now: datetime) -> bool | None:
        """Return whether neither a machine nor an appliance has sent anything for a day; None where nothing tells."""
        last = max((one for one in (self.newest, self.heartbeat) if one is not None), default=None)
        return None if last is None else now - last > timedelta(days=1)


class SiteTally:
    """The counts of one site while its machines pass by."""

    def __init__(self, site: Site, now: datetime) -> None:
        self._site = site
        self._now = now
        self._machines = self._deleted = self._late = self._undated = self._off = self._fixed = self._with_errors = 0
        self._newest: datetime | None = None
        self._dependencies: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()

    def add(self, machine: SiteMachine) -> None:
        """Count one machine."""
        self._machines += 1
        updated = machine.updated
        if updated is not None and (self._newest is None or updated > self._newest):
            self._newest = updated
        if machine.is_deleted:
            self._deleted += 1
            self._late += updated is not None and self._now - updated > CHANGES_WITHIN
            self._undated += updated is None
        self._undated += machine.has_odd_deletion
        self._off += is_off(machine)
        self._fixed += machine.dynamic_memory is False
        if machine.dependency_mapping is not None:
            self._dependencies[machine.dependency_mapping[:80]] += 1
        codes = {code_of(error) for error in machine.errors}
        self._with_errors += bool(codes)
        for code in codes:
            self._errors[code if code in self._errors or len(self._errors) < MOST_CODES else FURTHER_CODES] += 1

    def result(self, gaps: Iterable[Gap]) -> SiteDiscovery:
        """Return what was counted, with the gaps of the site's machines."""
        beats = [one.agent_details.last_heartbeat for one in self._site.appliances if one.agent_details]
        return SiteDiscovery(
            id=self._site.id,
            name=self._site.display_name,
            platform=platform_of(self._site.id),
            machines=self._machines,
            newest=self._newest,
            heartbeat=max((one for one in beats if one is not None), default=None),
            deleted=self._deleted,
            deleted_late=self._late,
            undated=self._undated,
            off=self._off,
            without_dynamic_memory=self._fixed,
            dependencies=dict(sorted(self._dependencies.items())),
            errors=dict(sorted(self._errors.items(), key=lambda item: (-item[1], item[0]))),
            with_errors=self._with_errors,
            gaps=tuple(gaps),
        )


def code_of(error: ReportedError) -> str:
    """Return the number of an error, otherwise its name, otherwise what it says."""
    return (error.number or error.code or error.summary or error.message or "an error without a code")[:200]
