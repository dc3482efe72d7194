from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Coverage, Evidence, Finding, Gap, OnlyCounted, Read, Severity, SubjectRef, Verdict
from auditor.audit.rules.book import Rule, load_rules
from auditor.facts.fact import Fact, Known, Unknown
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, subject

REFUSED = Gap("Microsoft.KeyVault/vaults", "/subscriptions/s", 403, "AuthorizationFailed", "no", "vaults/read")
OTHER = Gap("graph/users", "u", 403, "Denied", "no", "User.Read.All")

YES: Fact[Value] = Known(True, (Evidence("/vault", "yes"),))
NO: Fact[Value] = Known(False, (Evidence("/vault", "no"),))
OPEN: Fact[Value] = Unknown((REFUSED,))


def rule(folder: Path, **fields: str) -> tuple[Rule, ...]:
    """Return a rule about vaults with these fields in place of the usual ones."""
    usual = {
        "id": "a-rule",
        "title": "It is open",
        "subject": "vault",
        "severity": "low",
        "since": '"1"',
        "fail_when": "vault.public",
        "message": '"`{{ vault.name }}` of {{ vault.appliances }}"',
        "why": "Because.",
    }
    path = folder / f"{fields.get('id', 'a-rule')}.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in (usual | fields).items()))
    return load_rules(path)


def vault(id_: str = "/vault", /, **facts: Fact[Value]) -> Subject:
    return subject(SubjectKind.VAULT, id_, "kv", {"name": Known("kv"), **facts})


def only(rules: tuple[Rule, ...], **facts: Fact[Value]) -> Finding:
    (finding,) = evaluate(rules, [vault(**facts)])
    return finding


@pytest.mark.parametrize(
    ("applies", "fails", "verdict"),
    [
        (YES, YES, Verdict.FAIL),
        (YES, NO, Verdict.PASS),
        (YES, OPEN, Verdict.UNKNOWN),
        (NO, YES, Verdict.NOT_APPLICABLE),
        (NO, OPEN, Verdict.NOT_APPLICABLE),
        (OPEN, YES, Verdict.UNKNOWN),
        (OPEN, NO, Verdict.UNKNOWN),
        (OPEN, OPEN, Verdict.UNKNOWN),
    ],
)
def test_verdicts_are_three_valued(tmp_path: Path, applies: Any, fails: Any, verdict: Verdict) -> None:
    rules = rule(tmp_path, applies_when="vault.exists", fail_when="vault.public")
    assert only(rules, exists=applies, public=fails).verdict is verdict


def test_a_finding_inherits_evidence_of_known_and_gaps_of_unknown_facts(tmp_path: Path) -> None:
    rules = rule(tmp_path, fail_when="vault.public || vault.exists")
    finding = only(rules, public=YES, exists=OPEN, rbac=Known(True, (Evidence("/unused"),)))
    assert finding.verdict is Verdict.FAIL
    assert finding.evidence == (Evidence("/vault", "yes"),)
    assert finding.gaps == (REFUSED,)


def test_an_unknown_verdict_says_what_was_not_read_and_the_permission(tmp_path: Path) -> None:
    finding = only(rule(tmp_path), public=Unknown((REFUSED, OTHER)))
    assert finding.message == (
        "could not be checked: `Microsoft.KeyVault/vaults` at `/subscriptions/s` was not read: "
        "403 AuthorizationFailed; grant `vaults/read`; and 1 more"
    )
    assert finding.gaps == (REFUSED, OTHER)
    assert finding.fixes == ()


def test_a_gap_that_no_permission_cures_says_why_instead(tmp_path: Path) -> None:
    gap = Gap("graph/applications", "app", 0, "Undecidable", "the application is gone")
    message = only(rule(tmp_path), public=Unknown((gap,))).message
    assert message == "could not be checked: the application is gone"


def test_a_message_shows_what_is_unknown_as_such(tmp_path: Path) -> None:
    assert only(rule(tmp_path), public=YES).message == "`kv` of (unknown)"
    assert only(rule(tmp_path), public=YES, appliances=Known(["a", "b"])).message == "`kv` of a, b"


def test_an_expression_that_goes_wrong_is_unknown_with_the_error(tmp_path: Path) -> None:
    finding = only(rule(tmp_path, fail_when='vault.appliances[7] == "x"'), appliances=Known(["a"]))
    assert finding.verdict is Verdict.UNKNOWN
    assert [(gap.what, gap.scope, gap.code) for gap in finding.gaps] == [("rule", "a-rule", "RuleError")]


FIXES = """
  - title: First
    when: vault.rbac
    az: az role assignment create --scope {{ vault.id }}
    changes: A role on {{ vault.name }}.
    safe: true
  - title: Second
    when: "!vault.rbac"
    portal: ["Open {{ vault.name }}"]
    changes: Nothing.
    safe: false"""


@pytest.mark.parametrize(("rbac", "titles"), [(YES, ["First"]), (NO, ["Second"]), (OPEN, ["First", "Second"])])
def test_a_fix_is_left_out_only_where_it_is_known_not_to_fit(tmp_path: Path, rbac: Any, titles: list[str]) -> None:
    finding = only(rule(tmp_path, fixes=FIXES), public=YES, rbac=rbac)
    assert [fix.title for fix in finding.fixes] == titles


def test_values_in_a_command_are_quoted_for_the_shell(tmp_path: Path) -> None:
    hostile = "/x; $(reboot) `id` 'q'"
    (fix,) = only(rule(tmp_path, fixes=FIXES), public=YES, rbac=YES, id=Known(hostile)).fixes
    assert fix.az == "az role assignment create --scope '/x; $(reboot) `id` '\"'\"'q'\"'\"''"
    (without,) = only(rule(tmp_path, fixes=FIXES), public=YES, rbac=YES, id=OPEN).fixes
    assert without.az is None


def test_findings_stand_worst_first_and_do_not_mind_the_order_of_subjects(tmp_path: Path) -> None:
    low = rule(tmp_path, id="a-low")
    high = rule(tmp_path, id="z-high", severity="high")
    some = [vault("/B", public=YES), vault("/a", public=YES), vault("/c", public=OPEN), vault("/d", public=NO)]
    findings = evaluate([*low, *high], some)
    assert [(one.verdict.value, one.rule, one.subject.id) for one in findings] == [
        ("fail", "z-high", "/a"),
        ("fail", "z-high", "/B"),
        ("fail", "a-low", "/a"),
        ("fail", "a-low", "/B"),
        ("unknown", "z-high", "/c"),
        ("unknown", "a-low", "/c"),
        ("pass", "z-high", "/d"),
        ("pass", "a-low", "/d"),
    ]
    assert evaluate([*high, *low], some[::-1]) == findings


def test_what_passes_or_does_not_apply_may_be_only_counted(tmp_path: Path) -> None:
    every = [*rule(tmp_path), *rule(tmp_path, id="b-rule", applies_when="vault.rbac")]
    some = [vault("/a", public=YES, rbac=NO), vault("/b", public=NO, rbac=YES), vault("/c", public=OPEN, rbac=OPEN)]
    whole, counted = evaluate(every, some), OnlyCounted()
    kept = evaluate(every, some, only_counted=counted)
    assert kept == tuple(one for one in whole if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN})
    assert Counter(one.verdict for one in whole) == Counter(one.verdict for one in kept) + counted.verdicts
    assert counted.verdicts == {Verdict.PASS: 2, Verdict.NOT_APPLICABLE: 1}
    assert counted.kinds == {"vault"}
    assert counted.accounts == set()


def test_accounts_are_known_of_what_is_only_counted() -> None:
    counted = OnlyCounted()
    counted.take(Verdict.PASS, SubjectRef("registration", "U1@/subscriptions/s", "u1"))
    counted.take(Verdict.PASS, SubjectRef("account", "u2", "u2"))
    counted.take(Verdict.PASS, SubjectRef("vault", "/v", "v"))
    assert counted.accounts == {"U1", "u2"}


def test_equal_values_of_facts_give_equal_verdicts_and_others_do_not(tmp_path: Path) -> None:
    some = [vault(f"/{number}", public=(YES, NO, OPEN)[number % 3]) for number in range(30)]
    verdicts = {one.subject.id: one.verdict for one in evaluate(rule(tmp_path), some)}
    expected = (Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN)
    assert verdicts == {f"/{number}": expected[number % 3] for number in range(30)}


def test_a_rule_speaks_about_its_own_kind_only(tmp_path: Path) -> None:
    account = subject(SubjectKind.ACCOUNT, "u", "u", {})
    assert evaluate(rule(tmp_path), [account]) == ()


def test_severities_compare_by_how_much_they_hurt() -> None:
    assert Severity.CRITICAL.at_least(Severity.HIGH)
    assert Severity.HIGH.at_least(Severity.HIGH)
    assert not Severity.MEDIUM.at_least(Severity.HIGH)


def test_coverage_counts_the_doubts_of_each_rule_and_names_the_cure(tmp_path: Path) -> None:
    some = [vault("/a", public=Unknown((REFUSED, OTHER))), vault("/b", public=OPEN), vault("/c", public=YES)]
    findings = evaluate(rule(tmp_path), some)
    read = Read("Microsoft.KeyVault/vaults", "/subscriptions/t", count=3)
    coverage = Coverage.of([read, read], [REFUSED], findings)
    assert coverage.reads == (read,)
    assert coverage.gaps == (REFUSED, OTHER)
    (unknown,) = coverage.unknown_rules
    assert (unknown.rule, unknown.subjects, unknown.needs) == ("a-rule", 2, ("User.Read.All", "vaults/read"))
