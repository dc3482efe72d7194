"""A cleanup plan as Markdown in the style of a change request: what would go, what stays, why, and how it is undone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from auditor.audit.findings import Gap
from auditor.report.counted import counted
from auditor.report.formats.level_of_detail import FITS, cut
from auditor.report.formats.markdown_text import cell, code, commands, plain
from auditor.report.place import NamedId
from auditor.report.plan_places import PlanPlaces
from auditor.shells import READERS, CommandShell

DETAIL = (10, 5, 2, 1, 0)
"""Records and gaps per item that stays, in levels; the first at which the text fits is used."""
MOST_TO_DELETE = 50
"""Records per item to delete."""
ROWS = 200
"""Maximum number of items that stay, per verdict, at a level that was cut."""

_DAYS = 14
_STAYS = {
    "undecided": "Undecided: kept until it is known",
    "orphaned": "Left behind, but kept",
    "in_use": "Used by something else",
    "attached": "Used by a project that exists",
    "not_migrate": "Not Azure Migrate's",
}
_SOURCES = {
    "live": "read from Azure",
    "snapshot": "from a snapshot; `cleanup apply` reads everything again",
    "demo": "from the embedded environment",
}


def render(document: Mapping[str, Any], shells: Sequence[CommandShell] = READERS) -> str:
    """Return a plan in the published format as Markdown, in which foreign text mentions nobody and links nowhere.

    What is to be deleted is always complete; of what stays, first records are cut, then items, at last lines, each with
    a count.
    """
    deleted = [item for item in document["items"] if item["action"] == "delete"]
    kept = sorted((item for item in document["items"] if item["action"] != "delete"), key=_rank)
    places = PlanPlaces(document)
    goes = "\n".join((*_goes(document, deleted, kept, places, shells), ""))
    stays = ""
    for number, most in enumerate(DETAIL):
        rows = len(document["items"]) if number == 0 else max(ROWS >> number, 3)
        stays = "\n".join((*_stays(document, kept, places, most, rows), ""))
        if len(goes) + len(stays) <= FITS:
            break
    return goes + cut(stays.splitlines(), FITS - len(goes))


def _goes(
    plan: Mapping[str, Any],
    deleted: Sequence[Any],
    kept: Sequence[Any],
    places: PlanPlaces,
    shells: Sequence[CommandShell],
) -> Iterator[str]:
    """Yield what the plan is about, and everything about what would go."""
    what = counted(len(deleted), "Log Analytics workspace")
    yield f"# Change request: delete {what}" if deleted else "# Cleanup plan: nothing to delete"
    yield from _about(plan, places)
    yield from _summary(plan, deleted, kept)
    if deleted:
        yield from ("", "## What would go", "", *_table(deleted, places))
        for number, item in enumerate(deleted, start=1):
            yield from _deleted(number, item, places, shells)
        yield from _procedure()


def _stays(plan: Mapping[str, Any], kept: Sequence[Any], places: PlanPlaces, most: int, rows: int) -> Iterator[str]:
    """Yield what stays, with so many records of each item and so many items of each verdict, and what is unknown."""
    yield from ("", "## What stays", *_kept(kept, places, most, rows))
    yield from _recoverable(plan.get("recoverable", ()), rows)
    yield from _unknown(plan, most)


def _about(plan: Mapping[str, Any], places: PlanPlaces) -> Iterator[str]:
    by, scope = plan["by"], plan["scope"]
    looked = [*(_subscription(places.subscription(one)) for one in scope["subscriptions"])]
    looked += map(code, scope["management_groups"])
    named = ", ".join(looked[:10]) or "every subscription that the account can see"
    more = f" and {len(looked) - 10:,} more" if len(looked) > 10 else ""
    source = _SOURCES.get(plan["source"], plan["source"])
    yield from ("", "| | |", "| --- | --- |")
    yield f"| tenant | {cell(code(plan['tenant_id']))}, {plain(plan['cloud'])} |"
    yield f"| looked at | {cell(named)}{more} |"
    yield f"| evidence of | {_moment(plan['read_at'])}, {plain(source)} |"
    yield f"| read by | {cell(code(by['name'] or by['object_id']))} ({cell(code(by['object_id']))}) |"
    yield f"| plan | made {_moment(plan['created_at'])} by {plain(plan['tool'])}, checksum {code(plan['checksum'])} |"


def _summary(plan: Mapping[str, Any], deleted: Sequence[Any], kept: Sequence[Any]) -> Iterator[str]:
    undecided = sum(item["verdict"] == "undecided" for item in kept)
    open_ = f", {undecided:,} of them undecided" if undecided else ""
    yield from ("", f"**{counted(len(deleted), 'item')} to delete, {counted(len(kept), 'item')} to keep{open_}.**")
    for reason in plan.get("partial", ()):
        yield from ("", f"**Partial: {plain(reason)}. This plan cannot be applied.**")
    if plan.get("unread"):
        yield from (
            "",
            f"{counted(len(plan['unread']), 'list')} that may hold further items could not be read; see below.",
        )


def _subscription(one: NamedId) -> str:
    """Return the name of a subscription with its id, or what is known of both."""
    return f"{code(one.name)} ({code(one.id)})" if one.name and one.id else code(one.short) if one.short else "–"


def _table(deleted: Iterable[Mapping[str, Any]], places: PlanPlaces) -> Iterator[str]:
    yield from ("| | workspace | resource group | subscription | its project |", "| --: | --- | --- | --- | --- |")
    for number, item in enumerate(deleted, start=1):
        subscription, group = places.of(item["id"])
        since = f": {plain(item['since'])}" if item["since"] else ""
        projects = ", ".join(map(code, item["projects"])) or "–"
        cells = (code(item["name"]), code(group), _subscription(subscription), f"{projects}{since}")
        yield f"| {number} | {' | '.join(map(cell, cells))} |"


def _deleted(number: int, item: Mapping[str, Any], places: PlanPlaces, shells: Sequence[CommandShell]) -> Iterator[str]:
    yield from ("", f"### {number}. {code(item['name'])}", "", code(item["id"]), "")
    yield from _facts(item)
    yield from _proofs("why it is left behind", item["evidence_for"], places, MOST_TO_DELETE)
    yield "- against it: nothing; every check of another use was read to its end, and none found one"
    for saved in item["lost_for_good"]:
        lost = f"the {plain(saved['kind'])} {code(saved['id'])}"
        yield f"- **lost for good:** {lost}; its definition is saved in the plan"
    undo = item.get("undo")
    if undo:
        yield from (f"- undone within {undo['days']} days after the deletion with:", "")
        yield from (f"    {line}" for line in commands(undo["command"], shells))


def _procedure() -> Iterator[str]:
    yield from ("", "## How it is carried out, and undone", "")
    yield (
        "- `migaudit cleanup apply PLAN` reads everything again, and deletes only what is then still as this plan says."
    )
    yield f"- Deletions are soft: Azure keeps each workspace for {_DAYS} days, with its name taken."
    yield "- `migaudit cleanup restore PLAN` brings back what was deleted; the commands above do the same by hand."


def _kept(kept: Sequence[Mapping[str, Any]], places: PlanPlaces, most: int, rows: int) -> Iterator[str]:
    if not kept:
        yield from ("", "Nothing else was found.")
    for verdict, group in groupby(kept, key=lambda item: str(item["verdict"])):
        held = list(group)
        yield from ("", f"### {_STAYS.get(verdict, plain(verdict))}: {counted(len(held), 'item')}", "")
        yield from ("| what | resource group | subscription | why it stays |", "| --- | --- | --- | --- |")
        for item in held[:rows]:
            kind = "" if item["kind"] == "workspace" else f"{plain(item['kind'].replace('-', ' '))} "
            subscription, its_group = places.of(item["id"])
            where = (code(its_group) if its_group else "–", _subscription(subscription))
            cells = (f"{kind}{code(item['name'])}", *where, plain(item["reason"]))
            yield f"| {' | '.join(map(cell, cells))} |"
        if len(held) > rows:
            yield from ("", f"… and {len(held) - rows:,} more; `--format json` contains all of them.")
        yield ""
        for item in held[:rows]:
            yield from _against(item, places, most)


def _against(item: Mapping[str, Any], places: PlanPlaces, most: int) -> Iterator[str]:
    """Yield what speaks against deleting an item, what to end first, and what was unread of it.

    The reason says everything about an item that is not Azure Migrate's, or that is undecided because of its gaps.
    """
    if item["verdict"] == "not_migrate":
        return
    lines = [
        *(_facts(item) if item["verdict"] == "orphaned" else ()),
        *_proofs("for", item["evidence_for"] if item["verdict"] == "orphaned" else (), places, most),
        *_proofs("against", item["evidence_against"], places, most),
        *(f"- to end: {plain(end)}" for end in item.get("to_end", ())[:most]),
        *_gaps(item["unread"], most),
    ]
    if lines:
        yield f"- {code(item['name'])}"
        yield from (f"    {line}" for line in lines)


def _facts(item: Mapping[str, Any]) -> Iterator[str]:
    if item.get("since"):
        yield f"- project: {', '.join(map(code, item['projects']))}, which {plain(item['since'])}"
    if item.get("holds"):
        yield f"- holds: {', '.join(map(plain, item['holds']))}"
    if item.get("costs"):
        yield f"- its price depends on: {', '.join(map(plain, item['costs']))}"


def _proofs(label: str, proofs: Sequence[Mapping[str, Any]], places: PlanPlaces, most: int) -> Iterator[str]:
    for proof in proofs[:most]:
        subscription, group = places.of(proof["id"])
        name = f", {code(subscription.name)}" if subscription.name and not group else ""
        seen = f"{plain(proof['note'] or 'see')}: {code(proof['id'])}{name}"
        yield f"- {label}: {seen} (read {_moment(proof['read_at'])})"
    if len(proofs) > most:
        yield f"- {label}: {len(proofs) - most:,} more records in the plan"


def _gaps(gaps: Sequence[Mapping[str, Any]], most: int) -> Iterator[str]:
    for gap in gaps[:most]:
        yield f"- unread: {plain(msgspec.convert(gap, Gap).words)}"
    if len(gaps) > most:
        yield f"- unread: {len(gaps) - most:,} more lists"


def _recoverable(items: Sequence[Mapping[str, Any]], rows: int) -> Iterator[str]:
    if not items:
        return
    yield from ("", f"## Soft-deleted already: {counted(len(items), 'item')}", "")
    for item in items[:rows]:
        until = f"; its name is free on {str(item['released_on'])[:10]}" if item.get("released_on") else ""
        yield f"- {code(item['name'])}: {plain(item['reason'])}{until}"
    if len(items) > rows:
        yield f"- … and {len(items) - rows:,} more"


def _unknown(plan: Mapping[str, Any], most: int) -> Iterator[str]:
    gaps, uses = plan.get("unread", ()), plan.get("not_looked_at", ())
    if gaps:
        yield from ("", "## Not read: more may be there", "", *_gaps(gaps, max(most, 5)))
    if uses:
        yield from ("", "## Uses that no check looks for", "")
        for use in uses:
            shown = f"; it shows {plain(use['shown'])}" if use["shown"] else ""
            yield f"- {plain(use['title'])}: {plain(use['why'])}{shown}"


def _rank(item: Mapping[str, Any]) -> int:
    return list(_STAYS).index(item["verdict"]) if item["verdict"] in _STAYS else len(_STAYS)


def _moment(text: str) -> str:
    return f"{text[:10]} {text[11:16]} UTC"
