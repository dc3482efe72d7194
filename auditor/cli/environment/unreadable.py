"""Messages about scopes that could not be read: exit 3 if nothing could be, a note if only a part could be."""

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
"""Maximum number of subscriptions that one message names; the rest are counted."""
MOST_ANSWERS = 8
"""Maximum number of kinds of answers in one message."""
LONGEST_ANSWER = 200
"""Maximum number of characters quoted from an answer of Azure."""

_SUBSCRIPTION = "microsoft.resources/subscriptions"
_BELOW = "microsoft.management/managementgroups/descendants"
_NAMING = frozenset({_SUBSCRIPTION, "microsoft.management/managementgroups", _BELOW})
"""The lists that determine what is in scope."""
_PROVING_NOTHING = _NAMING | {
    "microsoft.resources/providers",
    "microsoft.authorization/permissions",
    # Without the licence for PIM these are refused to everyone, which proves that they are empty.
    "microsoft.authorization/roleeligibilityscheduleinstances",
    "microsoft.authorization/roleassignmentscheduleinstances",
}
"""Lists that Azure returns even without any right to read: reading them does not prove that anything was readable."""
_PROVING = frozenset(kind.what.lower() for kind in LISTS.values() if kind.scope is ScopeKind.SUBSCRIPTION).difference(
    _PROVING_NOTHING
)


def subscription_places(subscriptions: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes of subscriptions, sorted and in the normal form of list scopes."""
    return tuple(sorted({scope_key(f"/subscriptions/{one}") for one in subscriptions}))


def refuse_if_nothing_was_readable(snapshot: "Snapshot", places: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return the places where no list was read completely; raises `CommandFailed` (exit 3) if these are all places.

    `places` are ids of subscriptions or management groups; by default every subscription in the snapshot's scope. If
    there are none, nothing is in scope, which raises `CommandFailed` too.
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
    """Raise `CommandFailed` (exit 3) if nothing was readable; otherwise note on stderr which part was not.

    `every` means that all existing subscriptions were asked for, so that an incomplete list of them is noted too.
    """
    unread = refuse_if_nothing_was_readable(snapshot, places)
    if unread:
        answers = _in_short(_gaps_in(snapshot, unread)) or "no list was asked for"
        terminal.note(f"nothing could be read in {_named(snapshot, unread)}: everything in it is unknown ({answers})")
    missing = [gap for gap in snapshot.gaps if places is None and _may_hide_subscriptions(gap, snapshot, every=every)]
    if missing:
        terminal.note(
            f"the list of subscriptions could not be read completely: more may be in scope ({_in_short(missing)})"
        )


def _in_short(gaps: Iterable["Gap"]) -> str:
    return ", ".join(f"{len(held):,} × {answer}" for answer, held in _by_answer(gaps))


def _may_hide_subscriptions(gap: "Gap", snapshot: "Snapshot", *, every: bool) -> bool:
    """Return whether a gap is in a list that determines which subscriptions are in scope."""
    what, (_, _, name) = gap.what.lower(), gap.scope.lower().rpartition("/")
    if what == _SUBSCRIPTION:
        return every and gap.scope == "/"
    return what == _BELOW and name in {one.lower() for one in snapshot.header.scope.management_groups}


def _unread(snapshot: "Snapshot", places: Collection[str]) -> tuple[str, ...]:
    """Return the places where none of the lists that prove readability was read completely."""
    if snapshot.reads is None:  # then every list without a gap counts as read
        gaps = {(gap.what.lower(), scope_key(gap.scope)) for gap in snapshot.gaps}
        return tuple(sorted(one for one in places if all((what, one) in gaps for what in _PROVING)))
    read = {scope_key(one.scope) for one in snapshot.reads if one.what.lower() not in _PROVING_NOTHING}
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
                    f"nothing is in scope: the list of subscriptions could not be read{_of(gaps)}",
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
        return f"nothing could be read in {where}: no list in it was asked for\nread it first: leave out `--snapshot`"
    reader = snapshot.header.by.name or snapshot.header.by.object_id
    return "\n".join((f"nothing could be read in {where}{_of(gaps)}", *_answers(gaps), *cures(gaps, reader)))


def _of(gaps: Sequence["Gap"]) -> str:
    return ": 1 list was not read completely" if len(gaps) == 1 else f": {len(gaps):,} lists were not read completely"


def _gaps_in(snapshot: "Snapshot", places: Collection[str]) -> list["Gap"]:
    """Return the gaps at the places and below them."""
    wanted = frozenset(places)
    return [gap for gap in snapshot.gaps if (key := scope_key(gap.scope)) in wanted or _subscription(key) in wanted]


def _subscription(key: str) -> str:
    return "/".join(key.split("/", 3)[:3])


def _by_answer(gaps: Iterable["Gap"]) -> list[tuple[str, list["Gap"]]]:
    """Return the gaps by status and code, the most frequent answer first."""
    held: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        held[inert(f"{gap.status or ''} {gap.code}".strip() or "no answer", LONGEST_ANSWER)].append(gap)
    return sorted(held.items(), key=lambda item: (-len(item[1]), item[0]))


def _answers(gaps: Iterable["Gap"]) -> list[str]:
    """Return one line per kind of answer: its count, its code, and its most frequent message."""
    lines = []
    every = _by_answer(gaps)
    for answer, held in every[:MOST_ANSWERS]:
        words = Counter(prose(gap.message) for gap in held)
        message = min(words, key=lambda text: (-words[text], text))
        lines.append(f"  {len(held):,} × {answer}" + (f": {inert(message, LONGEST_ANSWER)}" if message else ""))
    if len(every) > MOST_ANSWERS:
        lines.append(f"  and {len(every) - MOST_ANSWERS:,} other answers")
    return lines


def _named(snapshot: "Snapshot", places: Sequence[str]) -> str:
    """Return the places in words, each by its display name and id."""
    titles = _titles(snapshot, places)
    names = [f"`{inert(titles[one])}` ({_last(one)})" if titles.get(one) else f"`{_last(one)}`" for one in places]
    if len(names) > MOST_PLACES:
        names = [*names[:MOST_PLACES], f"{len(names) - MOST_PLACES:,} more"]
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _last(place: str) -> str:
    return inert(place.rpartition("/")[2])


def _titles(snapshot: "Snapshot", places: Iterable[str]) -> dict[str, str]:
    import msgspec

    wanted = frozenset(places)
    held = (one for one in snapshot.arm if one.type.lower() == _SUBSCRIPTION and scope_key(one.id) in wanted)
    bodies = ((scope_key(one.id), msgspec.json.decode(one.body)) for one in held)
    return {place: name for place, body in bodies if isinstance(name := body.get("displayName"), str)}
