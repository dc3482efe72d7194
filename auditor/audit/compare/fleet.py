"""Comparison of two fleet runs, tenant by tenant: what is not known of one of them is never taken for fixed."""

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Literal

import msgspec

from auditor.audit.compare.comparison import ChangeKind, LessSevereChanges, VerdictChange, compare, fails_at, severe
from auditor.audit.compare.verdict_set import BadResult, ResultJson, VerdictSet, decoded, verdicts_in
from auditor.audit.findings import Severity, Verdict

COMMAND = "fleet run"


class TenantFate(Enum):
    """What can be said about a tenant in two runs."""

    COMPARED = "compared"
    FAILED = "failed"
    """The new run could not read it: what was found before is no longer known."""
    FAILED_BEFORE = "failed_before"
    """The old run could not read it: what is found now may have been there."""
    FAILED_TWICE = "failed_twice"
    ADDED = "added"
    LOST = "lost"
    """The new run does not have it: what was found before is no longer known."""
    OTHER_TENANT = "other_tenant"
    """Its name stands for another tenant now: what was found before is no longer known."""


_UNREAD = frozenset({TenantFate.FAILED, TenantFate.FAILED_TWICE, TenantFate.LOST, TenantFate.OTHER_TENANT})
"""The fates of a tenant of which the new run has nothing."""
_WORDS = {
    TenantFate.FAILED: "the tenant failed this time",
    TenantFate.FAILED_BEFORE: "the tenant failed in the old run",
    TenantFate.ADDED: "the old run does not have the tenant",
    TenantFate.LOST: "the new run does not have the tenant",
    TenantFate.OTHER_TENANT: "the name stands for another tenant now",
}


@dataclass(frozen=True, slots=True)
class SavedTenant:
    """One tenant of a saved run: its verdicts, or why there are none."""

    name: str
    verdicts: VerdictSet | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class TenantComparison:
    """One tenant in two runs, and the changes of its findings in the order of a report."""

    name: str
    fate: TenantFate
    changes: tuple[VerdictChange, ...]
    error: str = ""
    """Why a run could not read it."""

    def of(self, fate: ChangeKind) -> tuple[VerdictChange, ...]:
        """Return the changes of one kind."""
        return tuple(change for change in self.changes if change.fate is fate)


@dataclass(frozen=True, slots=True)
class FleetComparison:
    """All tenants of two runs: those of the new one in its order, then those that it does not have."""

    tenants: tuple[TenantComparison, ...]
    less_severe: LessSevereChanges | None = None

    def at_least(self, least: Severity) -> "FleetComparison":
        """Return the comparison without the changes that are less severe."""
        kept = tuple(replace(one, changes=severe(one.changes, least)) for one in self.tenants)
        left_out = sum(len(one.changes) for one in self.tenants) - sum(len(one.changes) for one in kept)
        return replace(self, tenants=kept, less_severe=LessSevereChanges(least, left_out))

    @property
    def unread(self) -> tuple[TenantComparison, ...]:
        """The tenants of either run that the new one did not read."""
        return tuple(one for one in self.tenants if one.fate in _UNREAD)

    def fails_at(self, least: Severity) -> bool:
        """Return whether an unsuppressed finding of any tenant is new or worse, and at least as severe as `least`."""
        return any(fails_at(one.changes, least) for one in self.tenants)


class _TenantJson(msgspec.Struct):
    name: str
    status: Literal["done", "failed"]
    error: str | None = None
    result: ResultJson | None = None


class _FleetJson(msgspec.Struct):
    schema: Literal["migaudit/fleet/1"]
    tenants: tuple[_TenantJson, ...]


def saved_run(path: Path) -> tuple[SavedTenant, ...]:
    """Return the tenants of the JSON result of a fleet run; raises `BadResult`."""
    held = decoded(path, _FleetJson, COMMAND).tenants
    names = {one.name.casefold() for one in held}
    if len(names) < len(held):
        raise BadResult(path, "two tenants have one name", COMMAND)
    for one in held:
        if (one.status == "done") is not (one.result is not None):
            raise BadResult(path, f"the status of `{one.name}` contradicts its result", COMMAND)
    return tuple(
        SavedTenant(one.name, None if one.result is None else verdicts_in(one.result), one.error or "") for one in held
    )


def compare_runs(old: tuple[SavedTenant, ...], new: tuple[SavedTenant, ...]) -> FleetComparison:
    """Return what changed for each tenant; tenants are recognised by their names, without case."""
    before, now = ({one.name.casefold(): one for one in run} for run in (old, new))
    every = [*new, *(one for key, one in before.items() if key not in now)]
    return FleetComparison(
        tuple(_compared(before.get(one.name.casefold()), now.get(one.name.casefold())) for one in every)
    )


def _compared(before: SavedTenant | None, now: SavedTenant | None) -> TenantComparison:
    fate = _fate(before, now)
    shown = now or before
    assert shown is not None  # noqa: S101 - it is in one of the runs
    then, here = before.verdicts if before else None, now.verdicts if now else None
    if fate is TenantFate.COMPARED and then is not None and here is not None:
        return TenantComparison(shown.name, fate, compare(then, here).changes)
    why = _WORDS.get(fate, "")
    changes = [*_new(here, why), *_no_longer_known(then, why)]
    error = (now.error if now else "") or (before.error if before and fate is not TenantFate.COMPARED else "")
    return TenantComparison(shown.name, fate, tuple(sorted(changes, key=lambda change: change.order)), error)


def _fate(before: SavedTenant | None, now: SavedTenant | None) -> TenantFate:
    if before is None or now is None:
        return TenantFate.ADDED if before is None else TenantFate.LOST
    then, here = before.verdicts, now.verdicts
    if then is None or here is None:
        both = then is None and here is None
        return TenantFate.FAILED_TWICE if both else TenantFate.FAILED if here is None else TenantFate.FAILED_BEFORE
    return TenantFate.COMPARED if then.tenant_id == here.tenant_id else TenantFate.OTHER_TENANT


def _new(here: VerdictSet | None, why: str) -> list[VerdictChange]:
    """Return every failing verdict as new, for the given reason."""
    nothing = None if here is None else replace(here, stands={}, gaps=frozenset())
    if here is None or nothing is None:
        return []
    return [replace(change, why=why) for change in compare(nothing, here).changes]


def _no_longer_known(then: VerdictSet | None, why: str) -> list[VerdictChange]:
    """Return every verdict that failed before as no longer known, for the given reason."""
    stands = () if then is None else then.stands.values()
    return [VerdictChange(ChangeKind.UNKNOWN, one, None, why) for one in stands if one.verdict is Verdict.FAIL]
