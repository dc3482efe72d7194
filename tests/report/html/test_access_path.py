"""The way from an account to what it wants, told by the evidence alone."""

from dataclasses import replace

import pytest

from auditor.audit.findings import Evidence, Finding, OwningProject, Verdict
from auditor.report.html.access_path import MOST, StepKind, access_path
from auditor.report.result import ScanResult

ASSIGNMENT = Evidence("/subscriptions/x/providers/Microsoft.Authorization/roleAssignments/1", "the account holds it")
ROLE = Evidence("/providers/Microsoft.Authorization/roleDefinitions/2", "role `Contributor` allows `*`")
DENIAL = Evidence("/subscriptions/x/providers/Microsoft.Authorization/denyAssignments/3", "denied")
NOTHING = Evidence("/subscriptions/x", "everything that could grant this was read, and nothing does")
POLICY = Evidence("/subscriptions/x/vaults/v", "access policy 0 of vault `v` grants `certificates Get`")
OTHER = Evidence("/subscriptions/x/providers/Microsoft.KeyVault", "registrationState: Registered")


def finding(everything: ScanResult, verdict: Verdict, *evidence: Evidence) -> Finding:
    return replace(everything.findings[0], verdict=verdict, evidence=evidence)


@pytest.mark.parametrize(
    ("verdict", "evidence", "kinds"),
    [
        (Verdict.PASS, (ROLE, ASSIGNMENT, OTHER), ["account", "grant", "role", "target"]),
        (Verdict.PASS, (POLICY,), ["account", "grant", "target"]),
        (Verdict.FAIL, (NOTHING, OTHER), ["account", "nothing", "target"]),
        (
            Verdict.FAIL,
            (NOTHING, DENIAL, ROLE, ASSIGNMENT),
            ["account", "grant", "role", "denial", "nothing", "target"],
        ),
        (Verdict.PASS, (NOTHING,), []),
        (Verdict.PASS, (OTHER,), []),
    ],
)
def test_steps(everything: ScanResult, verdict: Verdict, evidence: tuple[Evidence, ...], kinds: list[str]) -> None:
    assert [step.kind.value for step in access_path(finding(everything, verdict, *evidence))] == kinds


def test_the_ends_are_the_account_and_the_project(everything: ScanResult) -> None:
    first, *_, last = access_path(finding(everything, Verdict.FAIL, NOTHING))
    assert (first.text, last.text) == ("adele@contoso.com", "contoso-exit")
    assert last.ids == (everything.findings[0].subject.id.partition("@")[2],)


def test_many_grants_are_counted_and_the_refusals_stay(everything: ScanResult) -> None:
    many = [replace(ASSIGNMENT, id=f"{ASSIGNMENT.id}{number}") for number in range(30)]
    _, *steps, _ = access_path(finding(everything, Verdict.FAIL, *many, DENIAL, NOTHING))
    assert [step.kind for step in steps] == [*[StepKind.GRANT] * 9, StepKind.REST, StepKind.DENIAL, StepKind.NOTHING]
    assert len(steps) == MOST
    assert steps[9].text == "and 21 more steps, which the evidence holds"


def test_as_many_as_fit_are_not_counted(everything: ScanResult) -> None:
    many = [replace(ASSIGNMENT, id=f"{ASSIGNMENT.id}{number}") for number in range(MOST)]
    _, *steps, _ = access_path(finding(everything, Verdict.PASS, *many))
    assert [step.kind for step in steps] == [StepKind.GRANT] * MOST


def test_names_with_arrows_are_told_apart(everything: ScanResult) -> None:
    one = finding(everything, Verdict.FAIL, NOTHING)
    owner = OwningProject(one.subject.id.partition("@")[2], "b → c")
    named = replace(one.subject, name="x → a → b → c", account="x → a", projects=(owner,))
    first, *_, last = access_path(replace(one, subject=named))
    assert (first.text, last.text) == ("x → a", "b → c")


def test_what_is_no_registration_has_no_way(everything: ScanResult) -> None:
    workspace = next(one for one in everything.findings if one.subject.kind == "workspace")
    assert access_path(replace(workspace, evidence=(ASSIGNMENT,))) == ()
