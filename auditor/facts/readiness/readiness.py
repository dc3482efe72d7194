"""Readiness: what the chosen assessments say about their machines, and what the sites say about discovery.

The machines pass by one by one; only their counts are kept, and one number for each.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.facts.fact import Gap, once
from auditor.facts.presence import may_hide, not_in_body
from auditor.facts.readiness.assessments import (
    RESTS_ON,
    ChosenAssessment,
    chosen_assessments,
)
from auditor.facts.readiness.causes import FURTHER, MachineVerdict, SuitabilityCause, is_by_former_boot_rule, verdict_of
from auditor.facts.readiness.counters import DiscoveredMachines, digest, platform_of
from auditor.facts.readiness.discovery import SiteDiscovery, SiteTally
from auditor.facts.readiness.stated_counts import (
    ListedMachines,
    contradictions,
    stated_machines,
    unlisted_in,
    unlisted_in_groups,
    with_unlisted,
)
from auditor.facts.readiness.suitability import Suitability, suitability_of
from auditor.facts.readiness.tally import (
    FORMER_BOOT_RULE,
    LOWERED,
    MISSING_COUNTERS,
    PARTLY_UNREAD,
    CauseNumbers,
    Counts,
    Grouping,
    Tally,
    by_itself,
    platform_bit,
    suitability_bit,
)
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import SITE_MACHINES, SITES_OF_MACHINES
from auditor.inventory.readiness_scope import ReadinessScope
from auditor.inventory.reads import COUNTS_DIFFER, MALFORMED
from auditor.inventory.resources.assessments import AssessedMachine
from auditor.inventory.resources.offazure import Site, SiteMachine

_MACHINES = "/assessedmachines/"


@dataclass(frozen=True, slots=True)
class AssessedWave:
    """What one assessment says: its machines by suitability and cause, and the gaps that hide some of them.

    `unlisted` of the machines are known only by the number that Azure states; they count as unknown.
    """

    chosen: ChosenAssessment
    counts: Counts
    unlisted: int
    gaps: tuple[Gap, ...]

    @property
    def has_numbers(self) -> bool:
        """Whether it was calculated, and at least a machine of it was listed or its list was read to its end."""
        return self.chosen.state.has_numbers and (self.counts.machines > self.unlisted or self.is_listed)

    @property
    def is_listed(self) -> bool:
        """Whether its list was read to its end; a machine whose body cannot be understood is listed, as unknown."""
        return not any(map(hides_machines, self.gaps))

    @property
    def read(self) -> int:
        """The number of its machines that were read; the others are only counted, or cannot be understood."""
        return max(self.counts.machines - self.unlisted - sum(map(_is_of_machine, self.gaps)), 0)

    @property
    def left_open(self) -> int:
        """The number of its machines of which the assessment itself leaves open whether they can move.

        The others that are unknown could not be read, or are only counted.
        """
        return max(self.counts.said[Suitability.UNKNOWN] - sum(map(_is_of_machine, self.gaps)), 0)

    @property
    def is_least(self) -> bool:
        """Whether there may be more machines: its list was not read to its end, and Azure counts fewer or none."""
        return not self.is_listed and stated_machines(self.chosen.assessment) < self.counts.machines

    @property
    def contradictions(self) -> tuple[str, ...]:
        """What Azure counts differently than its list has it, each in words."""
        return tuple(gap.message for gap in self.gaps if gap.code == COUNTS_DIFFER)

    @property
    def is_whole(self) -> bool:
        """Whether every number is known, and every machine that Azure counts was listed and understood."""
        return self.chosen.state.has_numbers and not self.gaps and not self.unlisted


@dataclass(frozen=True, slots=True)
class Readiness:
    """All of it: each assessment, the different machines of all of them, each site, and what was not looked at.

    Of the machines in `total`, `waiting` are in no assessment with numbers, and `unlisted` are known only by the number
    that Azure states, some in `unassessed` groups, which have no assessment yet; they all count as unknown. `gaps` hide
    assessments and their machines, `hidden_sites` whole sites.
    """

    waves: tuple[AssessedWave, ...]
    total: Counts
    waiting: int
    unlisted: int
    unassessed: tuple[str, ...]
    sites: tuple[SiteDiscovery, ...]
    hidden_sites: tuple[Gap, ...]
    other_kinds: Mapping[str, int]
    gaps: tuple[Gap, ...]
    now: datetime

    @property
    def unread(self) -> tuple[Gap, ...]:
        """Everything that was not read: of assessments, of sites, and of the machines of each site."""
        return once((*self.gaps, *self.hidden_sites, *(gap for site in self.sites for gap in site.gaps)))

    @property
    def is_least(self) -> bool:
        """Whether there may be further machines, which a list that was not read to its end hides."""
        return any(map(hides_machines, self.gaps))


@dataclass(frozen=True, slots=True)
class CountedMachine:
    """One machine of an assessment as it is counted: the worst of all entries of the list that are about it.

    `causes` are those of all entries; `verdict` is of `machine`, the first of them, and None in an assessment without
    numbers. It `differs` where another entry says something else.
    """

    chosen: ChosenAssessment
    machine: AssessedMachine
    unread: tuple[str, ...]
    suitability: Suitability
    causes: tuple[SuitabilityCause, ...]
    verdict: MachineVerdict | None
    differs: bool


class Assessed:
    """The assessed machines of one scope: counted once when it is made, and then listed as often as wanted."""

    def __init__(self, inventory: Inventory, scope: ReadinessScope) -> None:
        self._inventory = inventory
        self._scope = scope
        self._chosen = chosen_assessments(inventory, scope)
        self.discovered = DiscoveredMachines()
        self._causes = CauseNumbers()
        self._tallies = {one.assessment.arm_id.key: Tally(self._causes) for one in self._chosen.chosen}
        self._by_key = {one.assessment.arm_id.key: one for one in self._chosen.chosen}
        self._total = Tally(self._causes)
        self._waiting: set[bytes] = set()
        self._entries: dict[str, Counter[Suitability]] = {key: Counter() for key in self._tallies}
        self._sites = self._read_sites()
        self._count()

    def machines(self) -> Iterator["CountedMachine"]:
        """Yield each machine of each assessment once, with what it is counted with."""
        seen: dict[str, set[bytes]] = {key: set() for key in self._tallies}
        for chosen, machine in self._listed():
            key, identity = chosen.assessment.arm_id.key, _identity(chosen, machine)
            if identity not in seen[key]:
                seen[key].add(identity)
                yield self._counted(chosen, machine, self._tallies[key], identity)

    def _counted(
        self, chosen: ChosenAssessment, machine: AssessedMachine, tally: Tally, identity: bytes
    ) -> "CountedMachine":
        suitability, unread = tally.suitability(identity), machine.unread
        if not chosen.state.has_numbers:
            return CountedMachine(chosen, machine, unread, suitability, (), None, differs=False)
        verdict = verdict_of(machine, unread)
        own = {cause.key for cause in verdict.causes}
        others = tuple(
            cause
            for cause in tally.causes(identity)
            if cause.key not in own and not (cause.value == FURTHER and any(map(self._causes.is_left_out, own)))
        )
        differs = bool(others) or suitability is not verdict.suitability
        return CountedMachine(chosen, machine, unread, suitability, verdict.causes + others, verdict, differs=differs)

    def readiness(self, together: Grouping = by_itself) -> Readiness:
        """Return the counts; causes that are the same to `together` are counted as one."""
        waves = tuple(self._wave(one, together) for one in self._chosen.chosen)
        waiting = self._waiting - self._total.held.keys()
        for identity in waiting:
            self._total.add(identity, suitability_bit(Suitability.UNKNOWN))
        unlisted = unlisted_in_groups(
            ((one, self._machines_in(one)) for one in self._chosen.chosen), self._chosen.groups
        )
        gaps = (*self._chosen.gaps, *(gap for one in waves for gap in one.gaps))
        return Readiness(
            waves=waves,
            total=with_unlisted(self._total.counts(together), unlisted),
            waiting=len(waiting),
            unlisted=unlisted,
            unassessed=tuple(one.arm_id.name for one in self._chosen.unassessed),
            sites=self._sites,
            hidden_sites=once(self._hidden_sites()),
            other_kinds=self._chosen.other_kinds,
            gaps=once(gaps),
            now=self._inventory.now,
        )

    def _listed(self) -> Iterator[tuple[ChosenAssessment, AssessedMachine]]:
        for machine in self._inventory.each(AssessedMachine):
            chosen = self._by_key.get(machine.id.lower().rpartition(_MACHINES)[0])
            if chosen is not None:
                yield chosen, machine

    def _count(self) -> None:
        for chosen, machine in self._listed():
            identity = _identity(chosen, machine)
            tally = self._tallies[chosen.assessment.arm_id.key]
            self._entries[chosen.assessment.arm_id.key][suitability_of(machine.suitability)] += 1
            bits = platform_bit(platform_of(machine.site_machine))
            if not chosen.state.has_numbers:
                self._waiting.add(identity)
                tally.add(identity, bits | suitability_bit(Suitability.UNKNOWN))
                continue
            unread = machine.unread
            verdict = verdict_of(machine, unread)
            bits |= suitability_bit(verdict.suitability)
            bits |= LOWERED if verdict.suitability is not verdict.by_azure else 0
            bits |= MISSING_COUNTERS if any(one.is_missing_counter for one in verdict.causes) else 0
            bits |= FORMER_BOOT_RULE if is_by_former_boot_rule(machine) else 0
            bits |= PARTLY_UNREAD if unread else 0
            numbers = [self._causes.number(one) for one in verdict.causes]
            for counting in (tally, self._total):
                counting.add(identity, bits, numbers, machine.display_name)

    def _wave(self, chosen: ChosenAssessment, together: Grouping) -> AssessedWave:
        """Return the counts of one assessment; a machine whose body cannot be understood is one that is unknown."""
        key = chosen.assessment.arm_id.key
        tally = self._tallies[key]
        gaps = self._inventory.gaps(chosen.what, chosen.assessment.id, rests_on=RESTS_ON)
        for gap in gaps:
            identity = digest(gap.scope)
            if _is_of_machine(gap) and identity not in tally.held:
                tally.add(identity, suitability_bit(Suitability.UNKNOWN) | platform_bit(platform_of(None)))
                self._entries[key][Suitability.UNKNOWN] += 1
                self._waiting.add(identity)
        listed = self._machines_in(chosen)
        unlisted = unlisted_in(chosen.assessment, listed)
        contradicted = () if gaps else contradictions(chosen, listed)
        counts = with_unlisted(tally.counts(together), unlisted)
        return AssessedWave(chosen, counts, unlisted, once((*gaps, *contradicted)))

    def _machines_in(self, chosen: ChosenAssessment) -> ListedMachines:
        key = chosen.assessment.arm_id.key
        entries = self._entries[key]
        return ListedMachines(frozenset(self._tallies[key].held), entries.total(), entries)

    def _read_sites(self) -> tuple[SiteDiscovery, ...]:
        held = (site for site in self._inventory.all(Site) if self._scope.has_site(site, self._chosen.projects))
        sites = {site.arm_id.key: site for site in held}
        tallies = {key: SiteTally(site, self._inventory.now) for key, site in sites.items()}
        for machine in self._inventory.each(SiteMachine):
            self.discovered.add(machine)
            tally = tallies.get(machine.id.lower().rpartition("/machines/")[0])
            if tally is not None:
                tally.add(machine)
        return tuple(tallies[key].result(self._site_gaps(sites[key])) for key in sorted(sites) if _what(sites[key]))

    def _hidden_sites(self) -> Iterator[Gap]:
        scanned = self._inventory.scanned if self._scope.subscriptions is None else self._scope.subscriptions
        for subscription in sorted(scanned):
            for what in SITES_OF_MACHINES:
                yield from may_hide(self._inventory, what, f"/subscriptions/{subscription}")

    def _site_gaps(self, site: Site) -> tuple[Gap, ...]:
        """Return what hides machines of a site, or when its appliance last reported."""
        what = _what(site)
        machines = () if what is None else self._inventory.gaps(what, site.id)
        if site.properties is not None:
            return machines
        return (*machines, *not_in_body(self._inventory, site.arm_id.type, site.id, "appliance").why)


def hides_machines(gap: Gap) -> bool:
    """Return whether a gap may hide machines: a list that was not read, and not one whose numbers contradict it."""
    return not _is_of_machine(gap) and gap.code != COUNTS_DIFFER


def _is_of_machine(gap: Gap) -> bool:
    """Return whether a gap is one machine, whose body cannot be understood."""
    return gap.code == MALFORMED and _MACHINES in gap.scope.lower()


def _what(site: Site) -> str | None:
    """Return the list of the machines of a site; None for an import site, whose machines are in no list."""
    kind = f"{site.arm_id.type.lower()}/machines"
    return next((one for one in SITE_MACHINES if one.lower() == kind), None)


def _identity(chosen: ChosenAssessment, machine: AssessedMachine) -> bytes:
    """Return what one machine is called in every assessment: its discovered machine, or its name in the project."""
    if machine.site_machine is not None:
        return digest(machine.site_machine)
    return digest(f"{chosen.assessment.project.key}/{machine.id.rstrip('/').rpartition('/')[2]}")
