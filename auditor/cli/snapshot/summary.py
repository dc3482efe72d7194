"""The contents of a snapshot in numbers, as JSON and as text."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from auditor.inventory.instants import spell
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.records import AskedAbout
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.terminal.coverage import write_refusals
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import PageStyle

SCHEMA = "migaudit/snapshot-summary/1"


def summary(snapshot: Snapshot) -> dict[str, Any]:
    """Return the JSON document of `snapshot show`; `reads` is null if the file does not contain them."""
    header = snapshot.header
    return {
        "schema": SCHEMA,
        "tenant_id": header.tenant_id,
        "cloud": header.cloud,
        "collected_at": spell(header.collected_at),
        "by": msgspec.to_builtins(header.by),
        "tool": header.tool,
        "scope": msgspec.to_builtins(header.scope),
        "asked": None if header.asked is None else _asked(snapshot, header.asked),
        "resources": _counts(_kind(one.type, deleted=one.deleted) for one in snapshot.arm),
        "objects": _counts(_kind(one.odata_type.removeprefix("#"), deleted=one.deleted) for one in snapshot.graph),
        "links": _counts(link.rel for link in snapshot.links),
        "events": len(snapshot.events),
        "reads": None if snapshot.reads is None else len(snapshot.reads),
        "gaps": [gap.as_dict() for gap in snapshot.gaps],
    }


def _asked(snapshot: Snapshot, asked: AskedAbout) -> dict[str, Any]:
    """Return what the scan was about, each account with its name where the directory object was read."""
    inventory = Inventory.of(snapshot) if asked.accounts else None
    objects = {} if inventory is None else {each: inventory.object(each) for each in asked.accounts}
    named = [{"id": each, "name": "" if held is None else held.label} for each, held in objects.items()]
    return {**msgspec.to_builtins(asked), "accounts": named}


def _kind(name: str, *, deleted: bool) -> str:
    return f"{name} (deleted)" if deleted else name


def _about(asked: dict[str, Any]) -> str:
    """Return what the scan was about in one line."""
    accounts = ", ".join(each["name"] or each["id"] for each in asked["accounts"]) or "the account that read it"
    narrowed = [f"{part.replace('_', ' ')} {asked[part]}" for part in _NARROWED if asked[part]]
    source = [] if asked["source"] == "arm" else [f"source {asked['source']}"]
    return "; ".join([accounts, *narrowed, "deep scan" if asked["deep"] else "no deep scan", *source])


_NARROWED = ("project", "resource_group", "registration_mode")


def _counts(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """Return the number of items of each kind; letter case is ignored."""
    written: dict[str, str] = {}
    counted = Counter(written.setdefault(kind.lower(), kind) for kind in kinds)
    return [{"type": kind, "count": counted[kind]} for kind in sorted(counted, key=str.lower)]


def summary_text(snapshot: Snapshot, style: PageStyle, *, verbose: bool) -> str:
    """Return the summary as text: tenant and time, counts by type, and what is missing, each refusal once."""
    shown = summary(snapshot)
    page, by = Page(style), shown["by"]
    page.labelled("tenant     ", f"{shown['tenant_id']} in {shown['cloud']}")
    page.labelled("read       ", f"{shown['collected_at']} by {by['name'] or by['object_id'] or 'an unnamed account'}")
    if shown["asked"] is not None:
        page.labelled("about      ", _about(shown["asked"]))
    for part in ("resources", "objects", "links"):
        if shown[part]:
            page.gap()
            page.heading(part)
        for row in shown[part]:
            page.labelled(f"  {row['count']:>7,}  ", row["type"])
    page.gap()
    page.heading("completeness")
    count = "all lists without a gap" if shown["reads"] is None else f"{shown['reads']:,} lists"
    page.line(f"{count} were read completely; {len(shown['gaps']):,} were not", indent=2)
    write_refusals(page, snapshot.gaps, {}, verbose=verbose)
    return page.text()
