"""The law that a redacted snapshot gives the same findings, with the names replaced."""

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.access.directory.roles import DirectoryRole
from auditor.access.rbac.roles import shipped_ids
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Finding, Verdict
from auditor.audit.rules.book import Rule, load_rules
from auditor.data import fixtures_dir, rules_dir
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.redaction.bodies import Bodies
from auditor.inventory.redaction.pseudonyms import Pseudonyms
from auditor.inventory.redaction.redact import redacted, well_known
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.inventory.uses.uses import uses
from fixtures.generate import SMALL, accounts, environment, hide, hideable

EMBEDDED = sorted(path.stem for path in fixtures_dir().glob("*.yaml"))


@cache
def rules() -> tuple[Rule, ...]:
    return load_rules(rules_dir())


def found(snapshot: Snapshot, asked: Sequence[str]) -> tuple[Finding, ...]:
    inventory = Inventory.of(snapshot)
    return evaluate(rules(), subjects(inventory, Access.of(inventory), accounts=asked))


def pseudonyms(snapshot: Snapshot, key: bytes) -> Pseudonyms:
    return Pseudonyms(key, [*well_known(snapshot), *shipped_ids(), *(role.value for role in DirectoryRole)])


def renamed(bodies: Bodies, subject: str) -> str:
    """Return a subject's id (an ARM id, an object id, or both in sequence) as it is after redaction."""
    account, slash, place = subject.partition("/")
    return (bodies.name(account) + (bodies.name(slash + place) if slash else "")).lower()


def holds(snapshot: Snapshot, asked: Sequence[str], key: bytes) -> None:
    names = pseudonyms(snapshot, key)
    bodies = Bodies(names)
    before: dict[tuple[str, str, str], Verdict] = {
        (one.rule, one.subject.kind, renamed(bodies, one.subject.id)): one.verdict for one in found(snapshot, asked)
    }
    made = redacted(snapshot, names).snapshot
    after = {
        (one.rule, one.subject.kind, one.subject.id.lower()): one.verdict
        for one in found(made, [bodies.name(one) for one in asked])
    }
    assert after == before
    assert len(made.arm) == len(snapshot.arm)
    assert len(made.graph) == len(snapshot.graph)


def test_a_name_that_azure_migrate_makes_stays() -> None:
    names = Pseudonyms(b"sixteen bytes at least", [])
    made = {name for use in uses() for name in (*use.never.names, *use.never.solutions)}
    assert len(made) > 3
    assert {name for name in made if Bodies(names).name(name) != name} == set()


@pytest.mark.parametrize("name", EMBEDDED)
def test_redacting_an_embedded_environment_changes_no_verdict(name: str) -> None:
    snapshot = load(fixtures_dir() / f"{name}.yaml")
    holds(snapshot, [user.id for user in Inventory.of(snapshot).objects(User)], b"sixteen bytes at least")


@given(seed=st.integers(0, 50), key=st.binary(min_size=16, max_size=40), data=st.data())
def test_redacting_a_generated_environment_changes_no_verdict(seed: int, key: bytes, data: st.DataObject) -> None:
    snapshot = environment(SMALL, seed)
    hidden = data.draw(st.lists(st.sampled_from(hideable(snapshot)), max_size=3, unique=True))
    holds(hide(snapshot, hidden), accounts(snapshot), key)
