"""Many gaps of one kind are one, which loses none of them; a few stay as they are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Coverage, Finding, Verdict
from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir
from auditor.facts.fact import Unknown
from auditor.facts.subjects.every import subjects
from auditor.inventory import gap_kinds
from auditor.inventory.gap_kinds import MOST_NAMED, ManyGaps, by_kind, kinds_of, many, plain, single
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import NOT_READ, UNDECIDABLE, Gap
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.report.formats.json_report import finding_json
from auditor.report.place import UNREAD
from fixtures.generate import SMALL, environment, hide, hideable

VAULTS, SITES = "Microsoft.KeyVault/vaults", "Microsoft.OffAzure/VMwareSites"


def refused(number: int, what: str = VAULTS, code: str = "AuthorizationFailed", message: str = "") -> Gap:
    return Gap(what, f"/subscriptions/s{number:04}", 403, code, message, f"{what}/read")


def test_a_few_stay_as_they_are_and_in_their_order() -> None:
    few = [refused(number, what) for number in range(MOST_NAMED) for what in (VAULTS, SITES)]
    assert by_kind([*few, *few]) == tuple(few)
    assert by_kind([]) == ()


def test_many_of_one_kind_are_one_and_the_others_stay() -> None:
    alone = refused(0, SITES)
    every = [refused(number, message=f"at {number}") for number in range(500)]
    found, other = by_kind([*every, alone])
    assert isinstance(found, ManyGaps)
    assert frozenset(single([found])) == frozenset(every)
    assert other == alone
    assert found.words == (
        "`Microsoft.KeyVault/vaults` at `/subscriptions/s0000` and 499 other places was not read: "
        "403 AuthorizationFailed; grant `Microsoft.KeyVault/vaults/read`"
    )
    [summary] = plain([found])
    assert type(summary) is Gap
    assert summary.message == "in 500 places, such as `/subscriptions/s0000`"
    assert found.as_dict() == summary.as_dict()


@pytest.mark.parametrize(
    "other",
    [
        refused(1, SITES),
        refused(1, code="LinkedAuthorizationFailed"),
        Gap(VAULTS, "/subscriptions/s1", 404, "AuthorizationFailed", "", f"{VAULTS}/read"),
        Gap(VAULTS, "/subscriptions/s1", 403, "AuthorizationFailed", "", "another/read"),
    ],
)
def test_another_list_code_status_or_permission_is_another_kind(other: Gap) -> None:
    every = [refused(number) for number in range(50)]
    assert len(by_kind([*every, other])) == 2


def test_what_its_message_says_alone_stays_apart() -> None:
    every = [Gap("account", "/", 0, UNDECIDABLE, f"depends on {number}") for number in range(50)]
    assert by_kind(every) == tuple(every)


def test_a_gap_that_is_among_many_is_not_counted_twice() -> None:
    every = [refused(number) for number in range(50)]
    together = many(every)
    assert by_kind([refused(3), together, refused(7)]) == (together,)
    [more] = by_kind([together, refused(99), many(every[10:30])])
    assert len(frozenset(single([more]))) == 51
    [kind] = kinds_of([together, refused(3), refused(99)])
    assert (kind.count, kind.scopes) == (51, tuple(gap.scope for gap in every[:MOST_NAMED]))


def test_a_gap_above_all_places_is_named_by_itself() -> None:
    unasked = [
        Gap(VAULTS, f"/subscriptions/s{number}", 0, NOT_READ, "not asked in 3 subscriptions") for number in "abc"
    ]
    above = many(unasked, scope="/")
    assert above.words == "`Microsoft.KeyVault/vaults` at `/` was not read: not asked in 3 subscriptions"
    assert plain([above]) == (Gap(VAULTS, "/", 0, NOT_READ, "not asked in 3 subscriptions"),)
    [kind] = kinds_of([above])
    assert (kind.count, kind.scopes) == (3, ("/subscriptions/sa", "/subscriptions/sb", "/subscriptions/sc"))


def test_an_unknown_fact_holds_its_gaps_by_kind() -> None:
    every = tuple(refused(number) for number in range(500))
    assert len(Unknown(every).why) == 1
    assert Unknown(every[:MOST_NAMED]).why == every[:MOST_NAMED]


gaps = st.builds(
    refused,
    st.integers(0, 40),
    st.sampled_from([VAULTS, SITES]),
    st.sampled_from(["AuthorizationFailed", "Forbidden"]),
    st.sampled_from(["", "refused"]),
)


@given(st.lists(st.lists(gaps, max_size=40), max_size=4))
def test_no_gap_is_lost_or_added(groups: list[list[Gap]]) -> None:
    joined = by_kind(gap for group in groups for gap in by_kind(group))
    every = {gap for group in groups for gap in group}
    assert set(single(joined)) == every
    assert by_kind(joined) == joined
    kinds = kinds_of(joined)
    assert sum(kind.count for kind in kinds) == len({(gap.what, gap.code, gap.scope) for gap in every})
    assert all(len(kind.scopes) == min(kind.count, MOST_NAMED) for kind in kinds)


def findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    inventory = Inventory.of(snapshot)
    return evaluate(load_rules(rules_dir()), subjects(inventory, Access.of(inventory)))


def half_refused(subscriptions: int) -> Snapshot:
    snapshot = with_reads(environment(replace(SMALL, subscriptions=subscriptions), 11))
    return hide(snapshot, [read for number, read in enumerate(hideable(snapshot)) if number % 2])


@pytest.mark.untraced
def test_a_finding_does_not_grow_with_the_places_and_the_coverage_has_each(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = half_refused(40)
    found = findings(snapshot)
    unknown = [one for one in found if one.verdict is Verdict.UNKNOWN]
    assert max(len(list(single(one.gaps))) for one in unknown) > 200
    assert max(len(finding_json(one, UNREAD)["gaps"]) for one in unknown) < 120
    assert all(len(gap["scopes"]) <= MOST_NAMED for one in unknown for gap in finding_json(one, UNREAD)["gaps"])
    covered = {(gap.what, gap.scope) for gap in Coverage.of(snapshot.reads or (), snapshot.gaps, found).gaps}
    assert {(gap.what, gap.scope) for gap in snapshot.gaps} <= covered
    monkeypatch.setattr(gap_kinds, "MOST_NAMED", 10**9)
    alone = findings(snapshot)
    assert [one.verdict for one in alone] == [one.verdict for one in found]
    assert [frozenset(single(one.gaps)) for one in alone] == [frozenset(single(one.gaps)) for one in found]
