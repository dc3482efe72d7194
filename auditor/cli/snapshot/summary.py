"""The contents of a snapshot in numbers, as JSON and as text."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from auditor.inventory.instants import spell
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.records import AskedAbout
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.counted import counted
from auditor.report.terminal.coverage import write_refusals
from auditor.report.terminal.page import Column, Page
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
    number = Counter(written.setdefault(kind.lower(), kind) for kind in kinds)
    return [{"type": kind, "count": number[kind]} for kind in sorted(number, key=str.lower)]


MOST_KINDS = 20
"""Maximum number of kinds of items that have a row each, those with the most items; `verbose` shows all of them."""


def summary_text(snapshot: Snapshot, style: PageStyle, *, verbose: bool) -> str:
    """Return the summary as text: counts by type, what is missing, and of which tenant and time it is.

    The latter stands last where the screen is too small for all of it.
    """
    shown = summary(snapshot)
    text = _origin(shown, style) + _counted(snapshot, shown, style, verbose=verbose) + _complete(shown, style)
    if style.holds(text):
        return text
    return _counted(snapshot, shown, style, verbose=verbose) + _origin(shown, style) + _complete(shown, style)


def _origin(shown: dict[str, Any], style: PageStyle) -> str:
    page, by = Page(style), shown["by"]
    rows = [("tenant", f"{shown['tenant_id']} in {shown['cloud']}")]
    rows.append(("read", f"{shown['collected_at']} by {by['name'] or by['object_id'] or 'an unnamed account'}"))
    if shown["asked"] is not None:
        rows.append(("about", _about(shown["asked"])))
    page.fields(rows)
    return page.text()


def _counted(snapshot: Snapshot, shown: dict[str, Any], style: PageStyle, *, verbose: bool) -> str:
    page = Page(style)
    for part in ("resources", "objects", "links"):
        if kinds := shown[part]:
            most = sorted(kinds, key=lambda row: -row["count"])[: None if verbose else MOST_KINDS]
            named = {row["type"] for row in most}
            rest = [row["count"] for row in kinds if row["type"] not in named]
            page.table(
                (Column(name="number", whole=True, right=True), Column(name=part, wraps=True)),
                [(f"{row['count']:,}", row["type"]) for row in kinds if row["type"] in named],
            )
            if rest:
                page.line(f"and {sum(rest):,} of {counted(len(rest), 'more type')} (`--verbose`)")
            page.gap()
    if snapshot.gaps:
        page.heading("not read")
        write_refusals(page, snapshot.gaps, {}, verbose=verbose)
        page.gap()
    return page.text()


def _complete(shown: dict[str, Any], style: PageStyle) -> str:
    page = Page(style)
    count = "all lists without a gap" if shown["reads"] is None else f"{shown['reads']:,} lists"
    page.line(f"{count} were read completely; {len(shown['gaps']):,} were not")
    return page.text()
