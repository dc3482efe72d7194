"""`fleet run --show` and `--severity`: a part of each tenant, and always the table of all."""

from auditor.audit.findings import Severity
from auditor.report.fleet.result import FleetResult, TenantOutcome
from auditor.report.fleet.screen import render
from auditor.report.fleet.shown import ShownInFleet
from auditor.report.terminal.style import TableStyle
from tests.report.conftest import ADELE, registration, result
from tests.report.terminal.test_problem_table import problem

FLEET = FleetResult(
    "migaudit",
    (
        TenantOutcome("contoso", result(registration(ADELE, "adele@contoso.com"), problem(1, Severity.LOW))),
        TenantOutcome("fabrikam", result(problem(2, Severity.LOW))),
        TenantOutcome("tailspin", error="could not sign in"),
    ),
)
STYLE = TableStyle(width=100)


def test_only_tenants_with_what_is_named_have_a_section() -> None:
    text = render(FLEET, STYLE, ShownInFleet(FLEET, ["adele@contoso.com"]))
    assert "TENANT 1 OF 3" in text
    assert "TENANT 2 OF 3" not in text
    assert "  where  adele@contoso.com" in text
    assert "rule-1" not in text
    assert "FLEET · 3 tenants" in text
    assert "could not sign in" in text


def test_a_text_is_wrong_only_where_no_tenant_has_it() -> None:
    assert not ShownInFleet(FLEET, ["rule-1", "rule-2"]).unknown
    assert ShownInFleet(FLEET, ["rule-1", "rule-3"]).unknown == (
        "`--show rule-3`: no finding has this rule, error, name or id; did you mean `rule-2` or `rule-1`?",
    )
    assert not ShownInFleet(FleetResult("migaudit", FLEET.tenants[2:]), ["rule-1"]).unknown


def test_what_is_less_severe_is_left_out_of_each_tenant() -> None:
    least = FLEET.at_least(Severity.HIGH)
    assert [len(one.result.problems) if one.result else None for one in least.tenants] == [1, 0, None]
    assert "left out as less severe than high: 1 problem" in render(least, STYLE)
