"""The law "apply is idempotent": applied twice, or killed at any point and run again, it ends in the same state.

The other half of the law: whatever fails, and whatever others do, nothing is deleted that should not be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cleanup.admission import to_delete_and_restore
from auditor.cleanup.azure_workspaces import Patience
from auditor.cleanup.plan import CleanupPlan
from auditor.cleanup.results import ItemResult, Outcome
from auditor.facts.rights.workspace_rights import lacking_rights
from auditor.inventory.arm_id import ArmId
from auditor.inventory.snapshot.records import arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.properties.mortal_runs import Fault, Killed, Life, World, world
from tests.properties.tampered_tenants import surely_unused, tampering, with_records
from tests.properties.tampered_tenants import world as generated
from tests.sampling import WHOLE, examples, sampled

EXAMPLES = examples(4, 250)
"""Few examples, since each is a dozen runs against the emulator."""

SEEDS = range(31)

PASSING: tuple[Fault, ...] = (
    {"method": "DELETE", "questions": 0},
    {"method": "DELETE", "questions": 3},
    {"method": "DELETE", "status": 409, "code": "Conflict", "times": 1},
    {"method": "DELETE", "status": 403, "code": "AuthorizationFailed", "skip": 1, "times": 2},
    {"method": "DELETE", "status": 503, "every": 2},
    {"method": "DELETE", "status": 500, "carried_out": True, "every": 2},
    {"method": "DELETE", "reset": True, "carried_out": True, "times": 1},
    {"method": "DELETE", "status": 200, "body": "{", "carried_out": True, "times": 1},
    {
        "method": "GET",
        "path": "deletedWorkspaces.*2025-02-01",
        "status": 403,
        "code": "AuthorizationFailed",
        "times": 1,
    },
    {"method": "GET", "path": "operationStatuses", "status": 500, "code": "Lost", "times": 4},
    {"method": "GET", "path": "dataCollectionRules", "status": 403, "code": "AuthorizationFailed", "times": 1},
    {
        "method": "GET",
        "path": r"workspaces/[^/]+\?",
        "status": 403,
        "code": "AuthorizationFailed",
        "skip": 1,
        "times": 1,
    },
    {"method": "GET", "path": "/locks", "cut": 0.5, "times": 1},
)
"""Temporary faults: the same request succeeds some time later."""

NEVER: Fault = {"method": "DELETE", "questions": -1, "times": 1}
"""A deletion that Azure accepts and never completes."""

ACTS = ("delete", "purge", "create", "replace")
"""Changes that another administrator may make to a workspace."""

SETTLED = {Outcome.DELETED, Outcome.DONE_BEFORE, Outcome.GONE, Outcome.CHANGED, Outcome.REFUSED}


@dataclass(frozen=True, repr=False)
class Story:
    """A plan, the tenant when the plan is applied, the faults, the steps at which the process dies, others' changes."""

    plan: CleanupPlan
    now: Snapshot
    faults: tuple[Fault, ...]
    deaths: tuple[int, ...]
    acts: Mapping[int, tuple[str, str]]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Print a summary, since Hypothesis would print the whole tenant."""
        printer.text(repr(self))

    def __repr__(self) -> str:
        names = [item.id for item in self.plan.deletions[:5]]
        gaps = [f"{gap.what} at {gap.scope}" for gap in self.now.gaps[:5]]
        return f"<plan for {names}…, unread {gaps}…, {self.faults=}, {self.deaths=}, {self.acts=}>"

    @property
    def doomed(self) -> set[str]:
        """The ids of the workspaces to delete: planned, unchanged since, and permitted."""
        context, by = left.context(self.now), self.now.header.by.object_id
        prints = {item.id.lower(): item.fingerprint for item in left.plan(self.now).deletions}
        same = [item for item in self.plan.deletions if prints.get(item.id.lower()) == item.fingerprint]
        return {item.id.lower() for item in same if not lacking_rights(context, by, to_delete_and_restore(item))}

    @property
    def touched(self) -> set[str]:
        """The ids of the workspaces that somebody else changes."""
        return {identity.lower() for _, identity in self.acts.values()}

    def meanwhile(self, here: World) -> Mapping[int, Callable[[], object]]:
        """Return the changes by somebody else, by the number of the read before which they happen."""
        return {look: partial(_do, here, act, identity) for look, (act, identity) in self.acts.items()}


def _do(here: World, act: str, identity: str) -> None:
    if act == "replace":
        here.somebody.purge(identity)
        here.somebody.create(identity)
    else:
        getattr(here.somebody, act)(identity)


@cache
def base(seed: int | None) -> Snapshot:
    """Return a tenant with leftovers, in which the account that reads it is Contributor everywhere."""
    if seed is None:
        return left.tenant()
    snapshot = generated(seed)
    by, subscriptions = snapshot.header.by.object_id, snapshot.header.scope.subscriptions
    granted = [left.assignment(left.CONTRIBUTOR, f"/subscriptions/{one}", by) for one in subscriptions]
    role = left.role_definition("Contributor", ["*"], left.CONTRIBUTOR)
    return with_records(snapshot, map(arm_record, [role, *granted]))


@cache
def seeds() -> tuple[int | None, ...]:
    """Return the seeds of tenants with something to delete, and None for the handmade tenant."""
    return (None, *(seed for seed in SEEDS if left.plan(base(seed)).deletions))


@st.composite
def stories(draw: st.DrawFn, *, others: bool = True, faults: Sequence[Fault] = PASSING) -> Story:
    """Draw a plan over a generated tenant, the changes since, and the faults while it is applied."""
    before = base(draw(st.sampled_from(seeds())))
    if draw(st.booleans()):
        before = draw(tampering(before, 1, (0, 1), served=True))
    plan = left.plan(before)
    now = draw(tampering(before, 2, (0, 0, 0, 1, 2), served=True)) if draw(st.booleans()) else before
    acts: dict[int, tuple[str, str]] = {}
    if others and plan.deletions:
        planned = st.sampled_from([item.id for item in plan.deletions])
        acts = draw(st.dictionaries(st.integers(0, 6), st.tuples(st.sampled_from(ACTS), planned), max_size=2))
    return Story(
        plan,
        now,
        tuple(draw(st.lists(st.sampled_from(faults), max_size=2, unique_by=str))),
        tuple(draw(st.lists(st.integers(0, 25), max_size=3))),
        acts,
    )


async def lived_through(story: Story, here: World) -> tuple[ItemResult, ...]:
    """Return the results after the deaths of the story and further runs until nothing is left to do."""
    meanwhile = story.meanwhile(here)
    for death in (*story.deaths, None):
        try:
            await here.apply(Life(death, meanwhile))
        except Killed:
            pass
        else:
            meanwhile = {}
    results = await here.apply()
    for _ in range(8):
        if {one.outcome for one in results} <= SETTLED:
            break
        results = await here.apply()
    return results


@EXAMPLES
@given(stories(others=False))
async def test_temporary_faults_do_not_change_the_final_state(story: Story) -> None:
    async with world(story.plan, story.now, story.faults) as here:
        live, deleted = here.state()
        solutions, doomed = here.somebody.solutions(), story.doomed
        # A generated tenant may have a deleted workspace with the id of a live one, which replaces it when deleted.
        deleted = {one: customer for one, customer in deleted.items() if one not in doomed}
        await lived_through(story, here)
        assert all(surely_unused(story.now, ArmId.parse(one)) for one in doomed)
        expected = (
            {one: customer for one, customer in live.items() if one not in doomed},
            deleted | {one: live[one] for one in doomed},
        )
        assert here.state() == expected
        await here.apply()
        assert here.state() == expected
        back = await here.restore()
        assert {one.outcome for one in back} <= {Outcome.RESTORED}
        assert {one.item.id.lower() for one in back} == doomed
        assert here.state() == (live, deleted)
        assert here.somebody.solutions().keys() == solutions.keys()


@EXAMPLES
@given(stories(faults=(*PASSING, NEVER)))
async def test_whatever_others_do_only_planned_workspaces_are_deleted_and_a_further_run_changes_nothing(
    story: Story,
) -> None:
    async with world(story.plan, story.now, story.faults, Patience(0.005, 0.5)) as here:
        before, buried = here.state()
        await lived_through(story, here)
        live, deleted = here.state()
        for identity, customer in before.items():
            if identity not in story.doomed | story.touched:
                assert live.get(identity) == customer
        strangers = {one: customer for one, customer in live.items() if before.get(one) != customer}
        assert strangers.keys() <= story.touched
        assert {*deleted.items()} - {*buried.items()} <= {(one, before[one]) for one in story.doomed | story.touched}
        await here.apply()
        assert here.state() == (live, deleted)


PARTS = 4
"""The parts of the steps at which a run is killed: the first one is for every day."""
LONG: tuple[Fault, ...] = ({"method": "DELETE", "questions": 2},)


# Outside `make laws` an operation that takes long is interrupted at every third step, one that does not at every step.
@sampled(
    "faults, every, part",
    [(faults, every, part) for faults, every in (((), 1), (LONG, 1 if WHOLE else 3)) for part in range(PARTS)],
    one_in=PARTS,
)
async def test_a_run_killed_at_any_step_and_repeated_ends_in_the_same_state(
    faults: tuple[Fault, ...], every: int, part: int
) -> None:
    plan, tenant = left.plan(), left.tenant()
    async with world(plan, tenant, faults) as here:
        life = Life()
        await here.apply(life)
        wanted = here.state()
    assert life.lived > 15
    for point in range(part * every, life.lived, PARTS * every):
        async with world(plan, tenant, faults) as here:
            with pytest.raises(Killed):
                await here.apply(Life(point))
            await here.apply()
            assert here.state() == wanted


@sampled("part", range(PARTS), one_in=PARTS)
async def test_a_restoration_killed_at_any_step_and_repeated_restores_everything(part: int) -> None:
    plan, tenant = left.plan(), left.tenant()
    async with world(plan, tenant) as here:
        before, solutions = here.state(), here.somebody.solutions()
        await here.apply()
        life = Life()
        await here.restore(life)
        assert here.state() == before
    assert life.lived > 10
    for point in range(part, life.lived, PARTS):
        async with world(plan, tenant) as here:
            await here.apply()
            with pytest.raises(Killed):
                await here.restore(Life(point))
            assert {one.outcome for one in await here.restore()} == {Outcome.RESTORED}
            assert here.state() == before
            assert here.somebody.solutions().keys() == solutions.keys()


def test_enough_tenants_have_something_that_may_be_deleted() -> None:
    every = [Story(left.plan(base(seed)), base(seed), (), (), {}) for seed in seeds()]
    assert sum(bool(story.doomed) for story in every) > 4
