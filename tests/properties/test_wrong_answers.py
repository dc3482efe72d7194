"""The law "what is not known is never an answer": a wrong answer to a reader affects that reader only.

In a small environment, each answer to each reader is replaced in turn by a wrong one, at one address and at all
addresses of its kind; in the tests for every day, the answers to ten readers are wrong at once. In every case the scan
ends with a message of its own, no verdict changes into another one, and no plan deletes anything that it would not
delete with the true answers.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import pytest

from auditor.collect import catalogue
from auditor.collect.directory.questions import QUESTIONS
from auditor.collect.listing import Listing, Rest
from auditor.collect.request import Request
from auditor.emulator.faults import FaultRule
from auditor.emulator.wrong_answers import BODIES, WRONG
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import Group, User
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.cleanup.test_every_use import BESIDE, DEEPLY, EVERY, LOCKED, Row
from tests.collect.emulated import embedded
from tests.properties import wrong_world
from tests.properties.wrong_world import World, address_class, deletions, flips, own_address, small, verdicts, world
from tests.sampling import WHOLE, sampled

PARTS = 16 if WHOLE else 4
AT_ONCE = 10
"""The readers that get a wrong answer in one scan in the tests for every day."""
CAST = {"isaiahl", "gradya", "nestorw_fabrikam.com#EXT#"}
SUBSCRIPTION = "0d1e2c3b-4a59-4687-9b10-c0a050000001"

SHAPES = tuple(kind for kind in WRONG if not kind[0].isdigit())
TELLING = (400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 415, 422, 424, 429, 431, 451, 500, 501, 502, 503, 504)
"""The statuses that some code distinguishes; the others are tried at one reader per way of reading."""
REFUSALS = tuple(f"{status} {body}" for status in TELLING for body in BODIES)
OTHERS = tuple(kind for kind in WRONG if kind not in {*SHAPES, *REFUSALS})
EACH_WAY = ("/roleAssignments(", "/deletedWorkspaces(", "/v1/workspaces", "batch", "getByIds", "/tables(")
"""One reader per way of reading: a bulk list, a client library, the query API, three ways of Graph, a workspace."""
FAULTS: dict[str, FaultRule] = {
    **{kind: FaultRule(wrong=kind) for kind in WRONG},
    "reset before the answer": FaultRule(reset=True),
    "reset within the head": FaultRule(cut=0.0),
    "reset within the body": FaultRule(cut=0.5),
    "reset behind the body": FaultRule(cut=1.0),
}
STALLS = {"a stall": FaultRule(hang=True)}


@dataclass(frozen=True)
class Cell:
    """A wrong answer at the addresses that `path` matches."""

    path: str
    kind: str

    @property
    def rule(self) -> FaultRule:
        """The fault that produces the wrong answer."""
        fault = (FAULTS | STALLS)[self.kind]
        return FaultRule(path=self.path, wrong=fault.wrong, reset=fault.reset, cut=fault.cut, hang=fault.hang)


def accounts(snapshot: Snapshot) -> tuple[str, ...]:
    inventory = Inventory.of(snapshot)
    people = [user.id for user in inventory.objects(User) if user.label.partition("@")[0] in CAST]
    return (*sorted(people), min(group.id for group in inventory.objects(Group)))


@cache
def environment() -> Snapshot:
    return small(embedded("contoso"), SUBSCRIPTION, 2)


def everything() -> Request:
    return Request(all=True, deep=True, access=True, expand=True, accounts=accounts(environment()))


def readers(asked: Sequence[str]) -> dict[str, str]:
    """Return one requested address per kind of address, by the regular expression of that kind."""
    return {address_class(one): one for one in reversed(asked) if "/oauth2/" not in one}


def cells(asked: Sequence[str]) -> list[Cell]:
    """Return the cells of the matrix: all of them, or a sample."""
    return every(asked) if WHOLE else sample(asked)


def every(asked: Sequence[str]) -> list[Cell]:
    """Return each reader with each kind of answer that some code distinguishes, at one address and at all."""
    alike = readers(asked)
    found = [Cell(path, kind) for path in alike for kind in (*SHAPES, *REFUSALS, *list(FAULTS)[len(WRONG) :])]
    found += [Cell(own_address(one), kind) for one in alike.values() for kind in (*SHAPES, *REFUSALS)]
    found += [Cell(path, kind) for path in alike if any(way in path for way in EACH_WAY) for kind in OTHERS]
    found += [Cell(path, "a stall") for path in alike]
    return [cell for cell in found if not _is_true(cell.path, cell.kind)]


def sample(asked: Sequence[str]) -> list[Cell]:
    """Return a sample that contains every reader and every shape; cells in a row are of different readers."""
    paths = sorted(readers(asked))
    draw = random.Random(len(paths))
    bodies = (*BODIES, *draw.choices(BODIES, k=len(TELLING)))
    refusals = [f"{status} {body}" for status, body in zip(TELLING, bodies, strict=False)]
    kinds = [*SHAPES, *refusals, *draw.sample(OTHERS, 4), *list(FAULTS)[len(WRONG) :]]
    draw.shuffle(kinds)
    count = max(len(kinds), len(paths))
    found = [Cell(paths[at % len(paths)], kinds[at % len(kinds)]) for at in range(count)]
    return [cell for cell in found if not _is_true(cell.path, cell.kind)]


async def wrongs(
    served: World, true: Snapshot, chosen: Iterable[Sequence[Cell]], asked_about: Sequence[str]
) -> list[str]:
    """Return what went wrong compared with `true`, in one scan for each group of cells that are wrong at once.

    Where a scan cannot even begin, the cells of its group are tried one by one.
    """
    before, may_go = verdicts(true, asked_about), deletions(true)
    found, due = [], deque(chosen)
    while due:
        group = due.popleft()
        try:
            snapshot = await served.read(*(cell.rule for cell in group))
            after = None if snapshot is None else wrong_world.judged(snapshot, asked_about)
        except Exception as crash:  # noqa: BLE001 - the test looks for any exception
            found.append(f"CRASH {group}: {type(crash).__name__}: {crash}")
            continue
        if after is not None:
            found += [f"FLIP {group}: {one}" for one in flips(before, after.verdicts)]
            found += [f"DELETES {group}: {one}" for one in sorted(after.deletions - may_go)]
        elif len(group) > 1:
            due.extend((cell,) for cell in group)
    return found


async def test_wrong_answers_to_many_readers_at_once_change_no_verdict_and_crash_no_scan() -> None:
    async with world(environment(), everything()) as served:
        true = await served.read()
        assert true is not None
        chosen = sample(served.asked)
        groups = [chosen[at : at + AT_ONCE] for at in range(0, len(chosen), AT_ONCE)]
        assert await wrongs(served, true, groups, everything().accounts) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
async def test_a_wrong_answer_changes_no_verdict_and_crashes_no_scan(
    part: int, record_property: Callable[[str, object], None]
) -> None:
    async with world(environment(), everything()) as served:
        true = await served.read()
        assert true is not None
        chosen = cells(served.asked)[part::PARTS]
        record_property("wrong answers", (len(readers(served.asked)), len(FAULTS | STALLS), len(chosen)))
        assert await wrongs(served, true, [(cell,) for cell in chosen], everything().accounts) == []


async def test_every_reader_of_the_catalogue_is_asked() -> None:
    async with world(environment(), everything()) as served:
        snapshot = await served.read()
        asked = served.asked
    assert snapshot is not None
    lists = [one for group in _CATALOGUE for one in group]
    told = {
        what.lower() for what in (*(read.what for read in snapshot.reads or ()), *(gap.what for gap in snapshot.gaps))
    }
    whats = {one.what.lower() for one in lists} | {one.what.lower() for one in catalogue.TRACKED}
    whats |= {one.what.lower() for one in QUESTIONS}
    children = {child.what.lower() for kind in catalogue.TRACKED for child in kind.children}
    assert {what for what in whats | children if what not in told} <= _ONLY_RECORDED
    for listing in lists:
        assert any(_asks(listing, one) for one in asked), listing.what


_CATALOGUE = (
    catalogue.PER_TENANT,
    catalogue.PER_SUBSCRIPTION,
    catalogue.PER_CANDIDATE,
    catalogue.PER_RECOVERY_VAULT,
    catalogue.PER_LONE_ASSESSMENT,
    catalogue.FOR_CANDIDATES,
    catalogue.DEEP,
)
_ONLY_RECORDED = frozenset({"microsoft.authorization/policysetdefinitions"})
"""Initiatives are read one by one where a policy may refuse, with the same reader as policies."""


def _asks(listing: Listing, asked: str) -> bool:
    path = asked.partition(" ")[2].partition("?")[0].lower()
    if isinstance(listing.source, Rest):
        return path.endswith(listing.source.path.replace("{scope}", "").lower())
    return path.endswith(f"/{listing.what.rpartition('/')[2].lower()}")


_BARE = ("/intelligencePacks", "/savedSearches", "/storageInsightConfigs")
"""The lists that Azure returns as a bare array, so that an empty array is a correct answer."""


def _is_true(path: str, kind: str) -> bool:
    """Return whether an answer is correct at this address."""
    return kind == "an empty array" and any(one in path for one in _BARE)


def of_row(row: Row) -> Snapshot:
    """Return a tenant in which a single resource uses the workspace of a deleted project."""
    bodies = {body["id"]: body for body in (*BESIDE, row.shown_by)}
    own = str(left.FIRST["id"])
    return left.tenant(bodies.values(), without=[own] if own in bodies else (), again=True)


def odd_answers(row: Row) -> Sequence[str]:
    """Return the wrong answers to try for one use."""
    shapes = [kind for kind in SHAPES if not _is_true(row.request, kind)]
    if WHOLE:
        return (*shapes, *REFUSALS)
    draw = random.Random(row.request)
    return (draw.choice(shapes), draw.choice(REFUSALS))


@sampled("row", EVERY, one_in=10)
async def test_a_workspace_in_use_is_not_deleted_whatever_the_reader_of_its_only_sign_gets(row: Row) -> None:
    async with world(of_row(row), DEEPLY) as served:
        assert str(left.FIRST["id"]).lower() not in deletions(await served.read() or of_row(row))
        for kind in odd_answers(row):
            snapshot = await served.read(FaultRule(path=row.request, wrong=kind))
            if snapshot is not None:
                assert str(left.FIRST["id"]).lower() not in deletions(snapshot), kind
                told = {item.verdict for item in left.plan(snapshot).items if item.id == left.FIRST["id"]}
                # A lock is no use: it only keeps the workspace from being deleted.
                assert told <= {"orphaned" if row in LOCKED.values() else "in_use", "undecided"}, kind
