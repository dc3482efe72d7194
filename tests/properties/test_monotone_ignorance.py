"""The law that reading less, or adding gaps, leaves a verdict as it is or makes it unknown, and silences no rule."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Finding, Verdict
from auditor.audit.rules.book import Rule, load_rules
from auditor.data import fixtures_dir, rules_dir
from auditor.facts.fact import Known
from auditor.facts.subject import EVERYWHERE
from auditor.facts.subjects.every import subjects
from auditor.facts.subjects.unseen import unseen
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap, Read
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import SMALL, accounts, environment, hide, hideable
from tests.sampling import examples, sampled

EMBEDDED = ("contoso", "contoso-gov", "fabrikam", "tailspin")
CAST = {"isaiahl", "jonis", "gradya", "henriettam", "lidiah", "nestorw_fabrikam.com#EXT#"}
"""Accounts of Contoso: owner, eligible, member of groups, denied, under a condition, guest."""
Verdicts = dict[tuple[str, str, str], Verdict]


@cache
def rules() -> tuple[Rule, ...]:
    return load_rules(rules_dir())


@cache
def embedded(name: str) -> tuple[Snapshot, tuple[str, ...], Verdicts]:
    snapshot = with_reads(load(fixtures_dir() / f"{name}.yaml"))
    people = Inventory.of(snapshot).objects(User)
    cast = [user.id for user in people if user.label.partition("@")[0] in CAST] or [user.id for user in people]
    asked = tuple(sorted({*cast, snapshot.header.by.object_id}))
    return snapshot, asked, verdicts(snapshot, asked)


@cache
def generated(seed: int) -> tuple[Snapshot, tuple[str, ...], Verdicts]:
    snapshot = with_reads(environment(SMALL, seed))
    asked = accounts(snapshot)
    return snapshot, asked, verdicts(snapshot, asked)


def verdicts(snapshot: Snapshot, asked: Sequence[str]) -> Verdicts:
    inventory = Inventory.of(snapshot)
    seen = subjects(inventory, Access.of(inventory), accounts=asked)
    return {key(finding): finding.verdict for finding in evaluate(rules(), seen, unseen(inventory, inventory.scanned))}


def silent(before: Verdicts, after: Verdicts) -> set[str]:
    """Return the rules that decided about a subject, no longer see it, and do not report that they could not look."""
    decided = {at for at, verdict in before.items() if verdict in {Verdict.PASS, Verdict.FAIL}}
    gone = decided - after.keys()
    return {rule for rule, _, _ in gone} - {rule for rule, _, identity in after if identity == EVERYWHERE}


def key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.subject.kind, finding.subject.id.lower()


def changed(before: Verdicts, after: Verdicts) -> dict[tuple[str, str, str], tuple[Verdict, Verdict]]:
    """Return the verdicts that became another one except unknown; subjects no longer seen do not count."""
    return {
        at: (before[at], now)
        for at, now in after.items()
        if at in before and now is not before[at] and now is not Verdict.UNKNOWN
    }


def facts(snapshot: Snapshot, asked: Sequence[str]) -> dict[tuple[str, str, str], str]:
    """Return the known facts of each subject in lower case, since other records may write hidden names differently."""
    inventory = Inventory.of(snapshot)
    return {
        (subject.kind.value, subject.id.lower(), name): repr(fact.value).lower()
        for subject in subjects(inventory, Access.of(inventory), accounts=asked)
        for name, fact in subject.facts.items()
        if isinstance(fact, Known)
    }


def refused(read: Read) -> Gap:
    return Gap(read.what, read.scope, 403, "AuthorizationFailed", "refused", f"{read.what}/read")


@pytest.mark.parametrize("name", EMBEDDED)
@examples(10)
@given(data=st.data())
def test_hiding_reads_of_an_embedded_environment_changes_verdicts_to_unknown_only(
    name: str, data: st.DataObject
) -> None:
    snapshot, asked, before = embedded(name)
    hidden = data.draw(st.lists(st.sampled_from(hideable(snapshot)), min_size=1, max_size=6, unique=True))
    after = verdicts(hide(snapshot, hidden), asked)
    assert (changed(before, after), silent(before, after)) == ({}, set())


@given(seed=st.integers(0, 40), data=st.data())
def test_hiding_reads_of_a_generated_environment_changes_verdicts_to_unknown_only(
    seed: int, data: st.DataObject
) -> None:
    snapshot, asked, before = generated(seed)
    hidden = data.draw(st.lists(st.sampled_from(hideable(snapshot)), min_size=1, max_size=6, unique=True))
    after = verdicts(hide(snapshot, hidden), asked)
    assert (changed(before, after), silent(before, after)) == ({}, set())


@pytest.mark.parametrize("name", EMBEDDED)
@examples(8)
@given(data=st.data())
def test_adding_gaps_without_removing_data_changes_no_verdict_but_to_unknown(name: str, data: st.DataObject) -> None:
    snapshot, asked, before = embedded(name)
    reads = data.draw(st.lists(st.sampled_from(snapshot.reads or ()), min_size=1, max_size=6, unique=True))
    kept = tuple(read for read in snapshot.reads or () if read not in reads)
    partial = replace(snapshot, reads=kept, gaps=(*snapshot.gaps, *map(refused, reads)))
    assert changed(before, verdicts(partial, asked)) == {}


@sampled("what", sorted({read.what for read in hideable(embedded("contoso")[0])}), one_in=12)
def test_hiding_a_whole_kind_of_list_changes_verdicts_to_unknown_only(what: str) -> None:
    snapshot, asked, before = embedded("contoso")
    after = verdicts(hide(snapshot, [read for read in hideable(snapshot) if read.what == what]), asked)
    assert (changed(before, after), silent(before, after)) == ({}, set())


@given(seed=st.integers(0, 40), data=st.data())
def test_hiding_reads_changes_no_fact_but_to_unknown(seed: int, data: st.DataObject) -> None:
    snapshot, asked, _ = generated(seed)
    known = facts(snapshot, asked)
    hidden = data.draw(st.lists(st.sampled_from(hideable(snapshot)), min_size=1, max_size=6, unique=True))
    after = facts(hide(snapshot, hidden), asked)
    assert {at: (known[at], now) for at, now in after.items() if at in known and known[at] != now} == {}


def test_hiding_everything_creates_no_new_verdict() -> None:
    snapshot, asked, before = embedded("contoso")
    after = verdicts(hide(snapshot, hideable(snapshot)), asked)
    assert changed(before, after) == {}
    assert Verdict.FAIL not in after.values()
