"""What a snapshot holds, in numbers."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from auditor.inventory.instants import spell
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.terminal.coverage import write_refusals
from auditor.report.terminal.page import Page, PageStyle

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
        "gaps": [gap.as_dict() for gap in snapshot.gaps],
    }


def _kind(name: str, *, deleted: bool) -> str:
    return f"{name} (deleted)" if deleted else name


def _counts(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """Return how often each kind occurs; kinds that differ in letter case alone count as one."""
    spelt: dict[str, str] = {}
    counted = Counter(spelt.setdefault(kind.lower(), kind) for kind in kinds)
    return [{"type": kind, "count": counted[kind]} for kind in sorted(counted, key=str.lower)]


def summary_text(snapshot: Snapshot, style: PageStyle, *, verbose: bool) -> str:
    """Return the summary for a person: whose it is, how much of what, and what is missing, each refusal once."""
    told = summary(snapshot)
    page, by = Page(style), told["by"]
    page.labelled("tenant     ", f"{told['tenant_id']} in {told['cloud']}")
    page.labelled("read       ", f"{told['collected_at']} by {by['name'] or by['object_id'] or 'nobody named'}")
    for part in ("resources", "objects", "links"):
        if told[part]:
            page.gap()
            page.heading(part)
        for row in told[part]:
            page.labelled(f"  {row['count']:>7,}  ", row["type"])
    page.gap()
    page.heading("completeness")
    count = "all lists that no gap names" if told["reads"] is None else f"{told['reads']:,} lists"
    page.line(f"{count} were read to their end; {len(told['gaps']):,} were not, or not wholly", indent=2)
    write_refusals(page, snapshot.gaps, {}, verbose=verbose)
    return page.text()
