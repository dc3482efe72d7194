"""The law "what is not known is never an answer", for single properties: an odd one affects only what depends on it.

Every property of every record is replaced by a value that Azure does not use there. Nothing crashes, no verdict changes
into another one unless the record is among its evidence, and no further workspace may be deleted.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import msgspec

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Finding, Verdict
from auditor.facts.subject import EVERYWHERE
from auditor.facts.subjects.every import subjects
from auditor.facts.subjects.unseen import unseen
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.records import arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.cleanup.test_every_use import EVERY, Row
from tests.inventory.spellings import spelt_otherwise
from tests.properties.test_wrong_answers import accounts, environment, of_row
from tests.properties.wrong_world import deletions, rules
from tests.sampling import WHOLE, sampled

PARTS = 8 if WHOLE else 2
SAMPLE = 80
DEEPEST = 6
ODD: tuple[Any, ...] = (None, {}, [], 7, "odd", [None])
_IDENTITY = {("id",), ("type",), ("@odata.type",)}
"""The properties that identify a record; without them it is not kept at all."""

Path = tuple[str | int, ...]
Findings = dict[tuple[str, str, str], Finding]


@dataclass(frozen=True)
class Cell:
    """A property of a record, and the value that replaces it."""

    kind: str
    index: int
    path: Path
    value: Any

    def applied(self, snapshot: Snapshot) -> Snapshot:
        """Return `snapshot` with the value replaced."""
        records = list(getattr(snapshot, self.kind))
        held = records[self.index]
        body = put(msgspec.json.decode(held.body), self.path, self.value)
        made = (
            arm_record(body, deleted=held.deleted) if self.kind == "arm" else graph_record(body, deleted=held.deleted)
        )
        records[self.index] = made
        return replace(snapshot, **{self.kind: tuple(records)})  # type: ignore[arg-type] # the field is named after the kind


def paths(value: object, at: Path = ()) -> Iterator[Path]:
    """Yield the path of every property below a value; of a list only those of the first two items."""
    if len(at) >= DEEPEST:
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for name, inner in parts:
        yield (*at, name)
        yield from paths(inner, (*at, name))


def put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: put(value[path[0]], path[1:], new)}
    return [put(inner, path[1:], new) if at == path[0] else inner for at, inner in enumerate(value)]


@cache
def true() -> Snapshot:
    return with_reads(environment())


@cache
def findings_of_truth() -> Findings:
    return findings(true())


def findings(snapshot: Snapshot) -> Findings:
    inventory = Inventory.of(snapshot)
    seen = subjects(inventory, Access.of(inventory), accounts=accounts(environment()))
    found = evaluate(rules(), seen, unseen(inventory, inventory.scanned))
    return {(one.rule, one.subject.kind, one.subject.id.lower()): one for one in found}


@cache
def cells() -> list[Cell]:
    every = [
        Cell(kind, index, path, value)
        for kind in ("arm", "graph")
        for index, record in enumerate(getattr(true(), kind))
        for path in paths(msgspec.json.decode(record.body))
        if path not in _IDENTITY
        for value in ODD
    ]
    return every if WHOLE else random.Random(1).sample(every, SAMPLE)


def rests_on(record: str, finding: Finding | None) -> bool:
    """Return whether a finding's subject or evidence is the record, lies in it or contains it."""
    if finding is None:
        return False
    ids = {finding.subject.id.lower(), *(one.id.lower() for one in finding.evidence)}
    return any(record.startswith(one) or one.startswith(record) for one in ids)


def turned(cell: Cell, after: Findings) -> Iterator[str]:
    """Yield the verdicts that changed although they do not depend on the record."""
    record = getattr(true(), cell.kind)[cell.index].id.lower()
    for at, now in after.items():
        was = findings_of_truth().get(at)
        same = was is not None and was.verdict is now.verdict
        silent = was is None and now.verdict is Verdict.NOT_APPLICABLE
        if now.verdict is Verdict.UNKNOWN or at[2] == EVERYWHERE or same or silent:
            continue
        if not (rests_on(record, now) or rests_on(record, was)):
            yield f"{cell} of {record}: {at} became {now.verdict}"


@sampled("part", range(PARTS), one_in=4)
def test_an_odd_property_affects_only_what_depends_on_it(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    chosen = cells()[part::PARTS]
    record_property("odd properties", len(chosen))
    may_go, wrong = deletions(true()), list[str]()
    for cell in chosen:
        snapshot = cell.applied(true())
        wrong += turned(cell, findings(snapshot))
        wrong += [f"{cell} deletes {one}" for one in deletions(snapshot) - may_go]
    assert wrong == []


def _below(*names: str) -> Iterator[Path]:
    """Yield the path of each of these nested properties."""
    yield from (("properties", *names[:count]) for count in range(1, len(names) + 1))


_ANALYTICS: set[Path] = {
    ("properties", "flowAnalyticsConfiguration"),
    ("properties", "flowAnalyticsConfiguration", "networkWatcherFlowAnalyticsConfiguration"),
    ("properties", "flowAnalyticsConfiguration", "networkWatcherFlowAnalyticsConfiguration", "workspaceResourceId"),
}
MAY_BE_ABSENT: dict[str, set[Path]] = {
    "cluster": {("properties", "associatedWorkspaces")},
    "data collection rule": {("properties", "destinations"), ("properties", "destinations", "logAnalytics")},
    "application insights": {("properties", "WorkspaceResourceId")},
    "table with a long-term retention": {("properties", "totalRetentionInDays")},
    "flow log": _ANALYTICS,
    "flow log by its guid": set(
        _below("flowAnalyticsConfiguration", "networkWatcherFlowAnalyticsConfiguration", "workspaceId")
    ),
    "network watcher": _ANALYTICS,
    "cluster that it names": {("properties", "features"), ("properties", "features", "clusterResourceId")},
    "private link scope": {("properties", "privateLinkScopedResources")},
    "default rule": {("properties", "defaultDataCollectionRuleResourceId")},
    "connection monitor": {("properties", "outputs")},
    "container apps": set(_below("appLogsConfiguration", "logAnalyticsConfiguration", "customerId")),
    "container group": set(_below("diagnostics", "logAnalytics", "workspaceId")),
    "container insights": set(_below("addonProfiles", "omsAgent", "config", "logAnalyticsWorkspaceResourceID")),
    "container insights in the monitor profile": set(
        _below("azureMonitorProfile", "containerInsights", "logAnalyticsWorkspaceResourceId")
    ),
    "container insights in the logs of the monitor profile": set(
        _below("azureMonitorProfile", "logs", "containerInsights", "logAnalyticsWorkspaceResourceId")
    ),
    "defender of a cluster": set(_below("securityProfile", "defender", "logAnalyticsWorkspaceResourceId")),
    "continuous export": {("properties", "actions", 1, "workspaceResourceId")},
    "firewall policy": set(_below("insights", "logAnalyticsResources", "defaultWorkspaceId", "id")),
    "firewall policy of a region": set(_below("insights", "logAnalyticsResources", "workspaces")),
    "data": {("properties", "tables", 0, "rows")},
    "agents": {("properties", "tables", 0, "rows")},
}
"""Properties that Azure omits or leaves empty on resources without any relation to a workspace."""

MAY_BE_ANYTHING: dict[str, set[Path]] = {
    "workbook": set(_below("sourceId")),
    "policy assignment": set(_below("parameters", "logAnalytics", "value")),
    "another add-on of a cluster": set(_below("addonProfiles", "OmsAgentWindows", "config", "workspaceId")),
    "defender of a cluster of an earlier version": set(
        _below("securityProfile", "azureDefender", "logAnalyticsWorkspaceResourceId")
    ),
}
"""Properties in which Azure keeps any value that people give it; only the id of a workspace means anything there."""


@sampled("name", list(EVERY), one_in=4)
def test_a_use_that_cannot_be_parsed_keeps_the_workspace(name: str) -> None:
    row: Row = EVERY[name]
    snapshot, own = with_reads(of_row(row)), str(left.FIRST["id"]).lower()
    [index] = [at for at, one in enumerate(snapshot.arm) if one.id.lower() == str(row.shown_by["id"]).lower()]
    body: Any = msgspec.json.decode(snapshot.arm[index].body)
    assert own not in deletions(snapshot)
    for path in paths(body):
        if path in _IDENTITY:
            continue
        held = body
        for step in path:
            held = held[step]
        otherwise = spelt_otherwise(held) if isinstance(held, str) and held.startswith("/") else ()
        for value in (*ODD, *otherwise):
            changed = Cell("arm", index, path, value).applied(snapshot)
            absent = not value and path in MAY_BE_ABSENT.get(name, set[Path]())
            absent |= value in ODD and path in MAY_BE_ANYTHING.get(name, set[Path]())
            assert absent or own not in deletions(changed), (path, value)
