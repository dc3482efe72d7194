"""A cleanup plan for a terminal: what would be deleted and why, then what is kept and why."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from auditor.audit.findings import Gap
from auditor.report.plan_places import PlanPlaces
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import PageStyle

Document = Mapping[str, Any]
"""A plan in the published format `migaudit/cleanup-plan/1`."""

MOST = 6
"""Maximum number of records shown per item; `verbose` shows all, and what was unread."""
_EXPLAINED_BY_REASON = frozenset({"undecided", "not_migrate"})
"""Verdicts whose reason is complete, so that no evidence is shown without `verbose`."""

_WORDS = {
    "in_use": "IN USE",
    "attached": "ATTACHED TO A PROJECT",
    "undecided": "UNDECIDED",
    "orphaned": "LEFT BEHIND, BUT KEPT",
    "not_migrate": "NOT AZURE MIGRATE'S",
}
_SOURCES = {
    "live": "read from Azure",
    "snapshot": "from a snapshot, offline: apply reads everything again",
    "demo": "from the embedded environment",
}


def render_plan(
    document: Document, style: PageStyle, *, verbose: bool = False, commands: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the plan as text for a terminal, which ends with its result and with `commands` and what they are for.

    Whatever resources are called, it is inert.
    """
    page, places = Page(style), PlanPlaces(document)
    items = document["items"]
    deleted = [item for item in items if item["action"] == "delete"]
    kept = [item for item in items if item["action"] != "delete"]
    _origin(page, document)
    page.gap()
    _summary(page, deleted, kept)
    _missing(page, document.get("unread", ()), verbose=verbose)
    if deleted:
        page.gap()
        page.heading(f"TO DELETE · {_counted(len(deleted))}", "bold red")
        for number, item in enumerate(deleted, start=1):
            page.gap()
            _deleted(page, number, item, places, verbose=verbose)
    for verdict, group in groupby(sorted(kept, key=_rank), key=lambda item: str(item["verdict"])):
        held = list(group)
        page.gap()
        page.heading(f"{_WORDS.get(verdict, verdict.upper())} · {_counted(len(held))}", "bold")
        for item in held:
            _kept(page, item, places, verbose=verbose)
    recoverable = document.get("recoverable", ())
    if recoverable:
        page.gap()
        page.heading(f"SOFT-DELETED · {_counted(len(recoverable))}", "bold")
        for item in recoverable:
            _kept(page, item, places, verbose=verbose)
    _not_looked_at(page, document.get("not_looked_at", ()), verbose=verbose)
    page.gap()
    _summary(page, deleted, kept, named=True)
    if commands:
        page.commands(commands)
    return page.text()


def _not_looked_at(page: Page, uses: Sequence[Document], *, verbose: bool) -> None:
    """Write the uses of a workspace that no check looks for; `verbose` adds why, and how they show nevertheless."""
    if not uses:
        return
    page.gap()
    page.heading(f"NOT LOOKED AT · {len(uses):,} kinds of use", "bold")
    for use in uses:
        shown = f"; it shows {use['shown']}" if use["shown"] else ""
        page.labelled("  ·  ", use["title"], (f": {use['why']}{shown}" if verbose else "", "dim"))


def _origin(page: Page, document: Document) -> None:
    by = document["by"]
    page.line((f"tenant {document['tenant_id']} · {document['cloud']} · made {_moment(document['created_at'])}", "dim"))
    where = _SOURCES.get(document["source"], document["source"])
    who = by["name"] or by["object_id"]
    page.origin((f"evidence of {_moment(document['read_at'])}, {where}; read by {who}", "dim"))
    for reason in document.get("partial", ()):
        page.origin(("PARTIAL ", "bold yellow"), f"{reason}: this plan cannot be applied")


def _summary(page: Page, deleted: list[Document], kept: list[Document], *, named: bool = False) -> None:
    """Write the numbers of items; with `named` also the names of those to delete, as far as they are few."""
    undecided = sum(1 for item in kept if item["verdict"] == "undecided")
    names = ", ".join(str(item["name"]) for item in deleted[:MOST])
    more = f" and {len(deleted) - MOST:,} more" if len(deleted) > MOST else ""
    page.origin(
        (f"{_counted(len(deleted))} to delete", "bold red" if deleted else "bold"),
        (f" ({names}{more})" if named and deleted else ""),
        f" · {_counted(len(kept))} to keep",
        (f" · {undecided:,} of them undecided" if undecided else "", "yellow"),
    )


def _missing(page: Page, gaps: Sequence[Document], *, verbose: bool) -> None:
    """Write the lists that were unread and may contain further items."""
    shown = gaps if verbose else gaps[:MOST]
    for gap in shown:
        page.labelled("MISSING  ", _unread(gap), style="bold yellow")
    _more(page, len(gaps) - len(shown))


def _deleted(page: Page, number: int, item: Document, places: PlanPlaces, *, verbose: bool) -> None:
    page.labelled(
        f"{number:>3}  ", (str(item["name"]), "bold"), (f" in {places.words(item['id'])}", "dim"), style="bold"
    )
    page.labelled("     ", (str(item["id"]), "dim"))
    _details(page, item)
    _proofs(page, "     because  ", item["evidence_for"], places, verbose=verbose)
    for saved in item["lost_for_good"]:
        page.labelled(
            "     loses    ", f"the {saved['kind']} {places.last(saved['id'])}, for good; it is saved in the plan"
        )
    undo = item.get("undo")
    if undo:
        page.labelled("     undo     ", f"for {undo['days']} days after it is deleted, by `cleanup restore` or by")
        page.command("              ", str(undo["command"]))


def _kept(page: Page, item: Document, places: PlanPlaces, *, verbose: bool) -> None:
    kind = "" if item["kind"] == "workspace" else f"{str(item['kind']).replace('-', ' ')}: "
    where = places.words(item["id"])
    named = (str(item["name"]), "bold")
    page.labelled("  ·  ", (kind, "dim"), named, (f" in {where}" if where else "", "dim"), f": {item['reason']}")
    if not verbose and item["verdict"] in _EXPLAINED_BY_REASON:
        return
    if verbose:
        page.labelled("     ", (str(item["id"]), "dim"))
    if item["verdict"] == "orphaned":
        _details(page, item)
    if verbose and item["verdict"] == "orphaned":
        _proofs(page, "     because  ", item["evidence_for"], places, verbose=verbose)
    _proofs(page, "     against  ", item["evidence_against"], places, verbose=verbose)
    for end in item.get("to_end", ()) if verbose else ():
        page.labelled("     to end   ", end)
    for gap in item["unread"] if verbose else ():
        page.labelled("     unread   ", _unread(gap))


def _unread(gap: Document) -> str:
    return msgspec.convert(gap, Gap).words


def _details(page: Page, item: Document) -> None:
    """Write since when its projects are gone, what it contains and what its price depends on, as far as known."""
    if item.get("since"):
        page.labelled("     project  ", f"{', '.join(item['projects'])}, which {item['since']}")
    if item.get("holds"):
        page.labelled("     holds    ", ", ".join(item["holds"]))
    if item.get("costs"):
        page.labelled("     price    ", f"depends on {', '.join(item['costs'])}")


def _proofs(page: Page, label: str, proofs: list[Document], places: PlanPlaces, *, verbose: bool) -> None:
    shown = proofs if verbose else proofs[:MOST]
    for proof in shown:
        seen = places.named(proof["id"]) if verbose else places.last(proof["id"])
        page.labelled(label, f"{proof['note'] or 'see'}: {seen}")
    _more(page, len(proofs) - len(shown))


def _more(page: Page, count: int) -> None:
    if count > 0:
        page.labelled("              ", (f"and {count:,} more (`--verbose`)", "dim"))


def _rank(item: Document) -> tuple[int, str]:
    """Return the place of an item's verdict; items of one verdict keep the plan's order, in which they are undone."""
    verdicts: Iterable[str] = ("undecided", "orphaned", "in_use", "attached", "not_migrate")
    order = {verdict: number for number, verdict in enumerate(verdicts)}
    return (order.get(item["verdict"], len(order)), str(item["verdict"]))


def _counted(count: int) -> str:
    return f"{count:,} item{'' if count == 1 else 's'}"


def _moment(text: str) -> str:
    return f"{text[:10]} {text[11:16]} UTC"
