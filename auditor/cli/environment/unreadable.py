"""What is said where nothing in scope could be read: exit 3 before any verdict, or a note where a part was read."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from auditor.cli.cures import cures
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed
from auditor.inventory.coverage import scope_key
from auditor.inventory.lists import LISTS, ScopeKind
from auditor.report.inert import inert, prose

if TYPE_CHECKING:
    from auditor.cli.terminal import Terminal
    from auditor.inventory.reads import Gap
    from auditor.inventory.snapshot.snapshot import Snapshot

MOST_PLACES = 10
"""Subscriptions that are named in one message; of further ones the number is told."""
MOST_ANSWERS = 8
"""Kinds of answers that are told in one message."""
LONGEST_ANSWER = 200
"""Characters of Azure's own words that are told of one kind of answer."""

_SUBSCRIPTION = "microsoft.resources/subscriptions"
_BELOW = "microsoft.management/managementgroups/descendants"
_NAMING = frozenset({_SUBSCRIPTION, "microsoft.management/managementgroups", _BELOW})
"""The lists that say what there is to be in scope."""
_TELLING_NOTHING = _NAMING | {
    "microsoft.resources/providers",
    "microsoft.authorization/permissions",
    # Without the licence for PIM these are refused to everyone alike, and that proves them empty.
    "microsoft.authorization/roleeligibilityscheduleinstances",
    "microsoft.authorization/roleassignmentscheduleinstances",
}
"""Lists that Azure also answers to who may read nothing of a subscription: that they were read says nothing of it."""
_TELLING = frozenset(kind.what.lower() for kind in LISTS.values() if kind.scope is ScopeKind.SUBSCRIPTION).difference(
    _TELLING_NOTHING
)


def subscription_places(subscriptions: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of subscriptions as the scopes that lists are read at."""
    return tuple(sorted({scope_key(f"/subscriptions/{one}") for one in subscriptions}))


def refuse_if_nothing_was_readable(snapshot: "Snapshot", places: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return the places of which no list was read to its end; raises `CommandFailed` (exit 3) where that is all.

    `places` are the ids of subscriptions or management groups that lists were asked of; by default every subscription
    in the snapshot's scope. Without any, nothing is in scope, which is told in the same way.
    """
    if places is None:
        _refuse_if_nothing_is_in_scope(snapshot)
        places = subscription_places(snapshot.header.scope.subscriptions)
    asked = {scope_key(one) for one in places}
    unread = _unread(snapshot, asked)
    if unread and len(unread) == len(asked):
        raise CommandFailed(ExitCode.UNREADABLE, _nothing(snapshot, unread))
    return unread


def ensure_readable(
    snapshot: "Snapshot", terminal: "Terminal", places: Iterable[str] | None = None, *, every: bool = False
) -> None:
    """Raise `CommandFailed` (exit 3) where nothing was readable; else note on stderr which part of it was not.

    `every` says that all subscriptions there are were asked for, so that a part of their list is not enough.
    """
    unread = refuse_if_nothing_was_readable(snapshot, places)
    if unread:
        answers = _in_short(_gaps_in(snapshot, unread)) or "no list was asked for"
        terminal.note(
            f"nothing could be read in {_named(snapshot, unread)}: whatever lies there is unknown ({answers})"
        )
    missing = [gap for gap in snapshot.gaps if places is None and _may_hide_subscriptions(gap, snapshot, every=every)]
    if missing:
        terminal.note(f"which subscriptions there are could not be read: more may be in scope ({_in_short(missing)})")


def _in_short(gaps: Iterable["Gap"]) -> str:
    return ", ".join(f"{len(held):,} × {answer}" for answer, held in _by_answer(gaps))


def _may_hide_subscriptions(gap: "Gap", snapshot: "Snapshot", *, every: bool) -> bool:
    """Say whether a gap is of the list that was to say which subscriptions are meant."""
    what, (_, _, name) = gap.what.lower(), gap.scope.lower().rpartition("/")
    if what == _SUBSCRIPTION:
        return every and gap.scope == "/"
    return what == _BELOW and name in {one.lower() for one in snapshot.header.scope.management_groups}


def _unread(snapshot: "Snapshot", places: Collection[str]) -> tuple[str, ...]:
    """The places of which no list that tells something was read to its end."""
    if snapshot.reads is None:  # then every list that no gap names counts as read
        gaps = {(gap.what.lower(), scope_key(gap.scope)) for gap in snapshot.gaps}
        return tuple(sorted(one for one in places if all((what, one) in gaps for what in _TELLING)))
    read = {scope_key(one.scope) for one in snapshot.reads if one.what.lower() not in _TELLING_NOTHING}
    return tuple(sorted(set(places) - read))


def _refuse_if_nothing_is_in_scope(snapshot: "Snapshot") -> None:
    scope, reader = snapshot.header.scope, snapshot.header.by.name or snapshot.header.by.object_id
    if scope.subscriptions or snapshot.reads is None:
        return
    gaps = [gap for gap in snapshot.gaps if gap.what.lower() in _NAMING]
    if gaps:
        raise CommandFailed(
            ExitCode.UNREADABLE,
            "\n".join(
                (
                    f"nothing is in scope: which subscriptions there are could not be read{_of(gaps)}",
                    *_answers(gaps),
                    *cures(gaps, reader),
                )
            ),
        )
    if scope.management_groups:
        groups = " and ".join(f"`{inert(one)}`" for one in scope.management_groups)
        raise CommandFailed(
            ExitCode.UNREADABLE,
            f"`{inert(reader)}` sees no subscription below the management group {groups}\n"
            "give it the role `Reader` there, or name another management group",
        )
    raise CommandFailed(
        ExitCode.UNREADABLE,
        f"`{inert(reader)}` sees no subscription in tenant {inert(snapshot.header.tenant_id)}\n"
        "give it the role `Reader` on a subscription, or sign in to another tenant with `--tenant`",
    )


def _nothing(snapshot: "Snapshot", places: Sequence[str]) -> str:
    where, gaps = _named(snapshot, places), _gaps_in(snapshot, places)
    if not gaps:
        return f"nothing could be read in {where}: no list of it was asked for\nread it first: leave out `--snapshot`"
    reader = snapshot.header.by.name or snapshot.header.by.object_id
    return "\n".join((f"nothing could be read in {where}{_of(gaps)}", *_answers(gaps), *cures(gaps, reader)))


def _of(gaps: Sequence["Gap"]) -> str:
    return ": 1 list was not read to its end" if len(gaps) == 1 else f": {len(gaps):,} lists, none read to its end"


def _gaps_in(snapshot: "Snapshot", places: Collection[str]) -> list["Gap"]:
    """The gaps of lists of the places, and of what lies in them."""
    wanted = frozenset(places)
    return [gap for gap in snapshot.gaps if (key := scope_key(gap.scope)) in wanted or _subscription(key) in wanted]


def _subscription(key: str) -> str:
    return "/".join(key.split("/", 3)[:3])


def _by_answer(gaps: Iterable["Gap"]) -> list[tuple[str, list["Gap"]]]:
    """The gaps by status and code, the most frequent answer first."""
    held: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        held[inert(f"{gap.status or ''} {gap.code}".strip() or "no answer", LONGEST_ANSWER)].append(gap)
    return sorted(held.items(), key=lambda item: (-len(item[1]), item[0]))


def _answers(gaps: Iterable["Gap"]) -> list[str]:
    """One line for each kind of answer: how often it came, its code, and the words that it came with most often."""
    lines = []
    every = _by_answer(gaps)
    for answer, held in every[:MOST_ANSWERS]:
        words = Counter(prose(gap.message) for gap in held)
        said = min(words, key=lambda text: (-words[text], text))
        lines.append(f"  {len(held):,} × {answer}" + (f": {inert(said, LONGEST_ANSWER)}" if said else ""))
    if len(every) > MOST_ANSWERS:
        lines.append(f"  and {len(every) - MOST_ANSWERS:,} other answers")
    return lines


def _named(snapshot: "Snapshot", places: Sequence[str]) -> str:
    """The places by the names that people gave them, each beside its id."""
    titles = _titles(snapshot, places)
    told = [f"`{inert(titles[one])}` ({_last(one)})" if titles.get(one) else f"`{_last(one)}`" for one in places]
    if len(told) > MOST_PLACES:
        told = [*told[:MOST_PLACES], f"{len(told) - MOST_PLACES:,} more"]
    *first, last = told
    return f"{', '.join(first)} and {last}" if first else last


def _last(place: str) -> str:
    return inert(place.rpartition("/")[2])


def _titles(snapshot: "Snapshot", places: Iterable[str]) -> dict[str, str]:
    import msgspec

    wanted = frozenset(places)
    held = (one for one in snapshot.arm if one.type.lower() == _SUBSCRIPTION and scope_key(one.id) in wanted)
    bodies = ((scope_key(one.id), msgspec.json.decode(one.body)) for one in held)
    return {place: name for place, body in bodies if isinstance(name := body.get("displayName"), str)}
