"""The law of `why`: what is wrong here neither confirms nor refutes an error that names something that is not here."""

from itertools import cycle

import pytest

from auditor.access.access import Access
from auditor.audit.catalogue import catalogue
from auditor.audit.evaluate import evaluate
from auditor.audit.explain.explanation import explanation
from auditor.audit.explain.named_things import things_in, things_of
from auditor.audit.findings import Finding, Verdict
from auditor.audit.rules.book import load_rules
from auditor.cli.why.about import NamedHere, Products
from auditor.cli.why.judged_error import JudgedError
from auditor.data import fixtures_dir, rules_dir
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load

pytestmark = pytest.mark.untraced

RULES = load_rules(rules_dir())
JUDGED = [entry for entry in catalogue().entries if entry.rules]
ELSEWHERE = "00000000-0000-4000-8000-0000000000ff"
STRANGERS = {
    "a GUID": f"for {ELSEWHERE}",
    "a GUID in quotes": f"for the subscription '{ELSEWHERE}'",
    "an id": f"at /subscriptions/{ELSEWHERE}/resourceGroups/rg-migrate-prod",
    "an id in a URL": f"https://management.azure.com/subscriptions/{ELSEWHERE}/resourceGroups/rg?api-version=2021-01-01",
    "an id that was cut": "at '/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001/resourceGroups/rg-migrate-pr",
    "a vault": "https://somebodyelse.vault.azure.net/secrets/x",
    "a name": "for the project 'somebody-else'",
    "a name in typographic quotes": "for the project “somebody-else”",
    "a name in German quotes": "für das Projekt „somebody-else“",
    "a name in French quotes": "pour le projet « somebody-else »",
    "a name in backticks": "resource `somebody-else`",
    "a name in JSON": '{"target": "somebody-else"}',
    "a name of several words": "policy assignment 'Somebody else'",
    "another tenant": f"tenant '{ELSEWHERE}'",
    "another directory": "was not found in the directory 'Somebody else'",
    "a stranger": "for the user 'somebody@elsewhere.example'",
}

FORMS = ("{error}: {named}", "{named} ({error})", "{named}\r\n{error}")


@pytest.fixture(scope="module")
def contoso() -> Inventory:
    return Inventory.of(load(fixtures_dir() / "contoso.yaml"))


@pytest.fixture(scope="module")
def findings(contoso: Inventory) -> tuple[Finding, ...]:
    return evaluate(RULES, subjects(contoso, Access.of(contoso)))


@pytest.mark.parametrize(("number", "named"), [*enumerate(STRANGERS.values())], ids=STRANGERS)
def test_nothing_here_speaks_of_what_is_not_here(
    number: int, named: str, contoso: Inventory, findings: tuple[Finding, ...]
) -> None:
    """Each stranger with a third of the errors, each form in turn."""
    products = Products.of(contoso)
    wrong: list[str] = []
    for entry, form in zip(JUDGED[number % 3 :: 3], cycle(FORMS), strict=False):
        found = explanation(form.format(error=entry.asked_as, named=named), catalogue(), RULES)
        things = [one for one in map(things_of, found.errors) if one] or [things_in(found.text)]
        said = JudgedError.of(entry, NamedHere.of(things[0], contoso), set(entry.rules), findings, products)
        wrong += [f"{found.text!r} by {one.rule}" for one in said.findings if one.verdict is Verdict.FAIL]
        if not said.open_words and all(one.verdict is not Verdict.UNKNOWN for one in said.findings):
            wrong.append(f"{found.text!r} is refuted")
    assert wrong == []


def test_the_same_errors_are_confirmed_where_nothing_is_named(
    contoso: Inventory, findings: tuple[Finding, ...]
) -> None:
    """The law says something: most of these errors have a cause in this tenant."""
    here, products = NamedHere.of(things_in(""), contoso), Products.of(contoso)
    said = [JudgedError.of(entry, here, set(entry.rules), findings, products) for entry in JUDGED]
    confirmed = [one for one in said if any(finding.verdict is Verdict.FAIL for finding in one.findings)]
    assert len(confirmed) > len(JUDGED) / 2
