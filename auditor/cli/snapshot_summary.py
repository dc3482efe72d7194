"""What a snapshot holds, in numbers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from auditor.cli.gaps import gap_json
from auditor.inventory.instants import spell
from auditor.inventory.snapshot import Snapshot
from auditor.report.inert import inert

SCHEMA = "migaudit/snapshot-summary/1"


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """Return the JSON shape of `snapshot show`; `reads` is null where the file left them out."""
    header = snapshot.header
    return {
        "schema": SCHEMA,
        "tenant_id": header.tenant_id,
        "cloud": header.cloud,
        "collected_at": spell(header.collected_at),
        "by": msgspec.to_builtins(header.by),
        "tool": header.tool,
        "scope": msgspec.to_builtins(header.scope),
        "resources": _counts(_kind(one.type, deleted=one.deleted) for one in snapshot.arm),
        "objects": _counts(_kind(one.odata_type.removeprefix("#"), deleted=one.deleted) for one in snapshot.graph),
        "links": _counts(link.rel for link in snapshot.links),
        "events": len(snapshot.events),
        "reads": None if snapshot.reads is None else len(snapshot.reads),
        "gaps": [gap_json(gap) for gap in snapshot.gaps],
    }


def _kind(name: str, *, deleted: bool) -> str:
    return f"{name} (deleted)" if deleted else name


def _counts(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """Return how often each kind occurs; kinds that differ in letter case alone count as one."""
    spelt: dict[str, str] = {}
    counted = Counter(spelt.setdefault(kind.lower(), kind) for kind in kinds)
    return [{"type": kind, "count": counted[kind]} for kind in sorted(counted, key=str.lower)]


def summary_lines(told: dict[str, Any]) -> Iterator[str]:
    """Yield the summary as lines for a person."""
    by = told["by"]
    yield f"tenant     {inert(told['tenant_id'])} in {inert(told['cloud'])}"
    yield f"read       {told['collected_at']} by {inert(by['name'] or by['object_id'] or 'nobody named')}"
    for part in ("resources", "objects", "links"):
        if told[part]:
            yield f"\n{part}"
        for row in told[part]:
            yield f"  {row['count']:>7,}  {inert(row['type'])}"
    yield ""
    yield from _completeness(told)


def _completeness(told: dict[str, Any]) -> Iterator[str]:
    if told["reads"] is None:
        yield "lists read to their end: all that no gap names"
    else:
        yield f"lists read to their end: {told['reads']:,}"
    yield f"lists not, or not wholly, read: {len(told['gaps']):,}"
    for gap in told["gaps"]:
        needs = f"; needs {gap['needs']}" if gap["needs"] else ""
        answer = f"{gap['status'] or 'no answer'} {gap['code']}".strip()
        yield f"  {inert(gap['what'])} at {inert(gap['scope'])}: {inert(answer)}{inert(needs)}"
