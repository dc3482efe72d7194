"""What becomes of a finding between two times."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.audit.compare.comparison import ChangeKind, OtherTenant, compare
from auditor.audit.compare.verdict_set import VerdictSet
from auditor.audit.findings import Finding, Gap, Severity, SubjectRef, Suppressed, Verdict

NOW = datetime(2026, 11, 23, tzinfo=UTC)
S, OTHER = "0d1e2c3b-0000-4000-8000-000000000001", "0d1e2c3b-0000-4000-8000-000000000002"
PROJECT = f"/subscriptions/{S}/resourceGroups/rg/providers/Microsoft.Migrate/migrateProjects/exit"
ADELE = "a5e70001-0000-4000-8000-000000000001"


def finding(
    verdict: Verdict = Verdict.FAIL,
    severity: Severity = Severity.HIGH,
    subject: str = PROJECT,
    message: str = "it is so",
    suppressed: Suppressed | None = None,
    kind: str = "project",
) -> Finding:
    ref = SubjectRef(kind, subject, "exit")
    return Finding("a-rule", "A rule", verdict, severity, ("60039",), ref, message, suppressed=suppressed)


def standing(
    *findings: Finding,
    gaps: tuple[Gap, ...] = (),
    subscriptions: tuple[str, ...] = (S,),
    rules: tuple[str, ...] = ("a-rule",),
    tenant: str = "t",
) -> VerdictSet:
    return VerdictSet.of(findings, gaps, tenant_id=tenant, at=NOW, subscriptions=subscriptions, rules=rules)


def fate(old: VerdictSet, new: VerdictSet) -> tuple[ChangeKind, str] | None:
    changes = compare(old, new).changes
    return (changes[0].fate, changes[0].why) if changes else None


ACCEPTED = Suppressed("known", "adele")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, finding(), (ChangeKind.NEW, "")),
        (finding(Verdict.PASS), finding(), (ChangeKind.NEW, "")),
        (finding(Verdict.UNKNOWN), finding(), (ChangeKind.NEW, "was unknown")),
        (finding(), finding(), (ChangeKind.SAME, "")),
        (finding(), finding(subject=PROJECT.upper()), (ChangeKind.SAME, "")),
        (finding(), finding(severity=Severity.LOW), (ChangeKind.CHANGED, "severity was high")),
        (finding(), finding(message="otherwise"), (ChangeKind.CHANGED, "the message differs")),
        (finding(message="silent for 9 days"), finding(message="silent for 10 days"), (ChangeKind.SAME, "")),
        (finding(), finding(suppressed=ACCEPTED), (ChangeKind.CHANGED, "is suppressed now")),
        (finding(suppressed=ACCEPTED), finding(), (ChangeKind.CHANGED, "is no longer suppressed")),
        (finding(), finding(Verdict.PASS), (ChangeKind.FIXED, "")),
        (finding(), finding(Verdict.NOT_APPLICABLE), (ChangeKind.FIXED, "")),
        (finding(), None, (ChangeKind.FIXED, "")),
        (
            finding(),
            finding(Verdict.UNKNOWN, message="could not be checked"),
            (ChangeKind.UNKNOWN, "could not be checked"),
        ),
        (finding(Verdict.PASS), finding(Verdict.UNKNOWN, message="hidden"), (ChangeKind.UNKNOWN, "hidden")),
        (finding(Verdict.UNKNOWN), finding(Verdict.UNKNOWN), None),
        (None, finding(Verdict.UNKNOWN), None),
        (finding(Verdict.UNKNOWN), None, None),
        (finding(Verdict.PASS), finding(Verdict.PASS), None),
    ],
)
def test_fates(before: Finding | None, now: Finding | None, expected: tuple[ChangeKind, str] | None) -> None:
    assert fate(standing(*filter(None, [before])), standing(*filter(None, [now]))) == expected


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (standing(rules=("another",)), "the new scan did not evaluate this rule"),
        (standing(subscriptions=(OTHER,)), "the new scan did not read this subscription"),
        (
            standing(gaps=(Gap("Microsoft.Migrate/migrateProjects", f"/subscriptions/{S.upper()}", 403, "No", ""),)),
            "`m",
        ),
        (standing(gaps=(Gap("Microsoft.Resources/subscriptions", "/", 403, "No", ""),)), "`microsoft.resources/"),
    ],
)
def test_what_was_not_looked_at_is_not_fixed(new: VerdictSet, why: str) -> None:
    found = fate(standing(finding()), new)
    assert found is not None
    assert found[0] is ChangeKind.UNKNOWN
    assert found[1].startswith(why)


def test_a_gap_elsewhere_or_of_old_hides_nothing() -> None:
    elsewhere = Gap("Microsoft.Migrate/migrateProjects", f"/subscriptions/{OTHER}", 403, "No", "")
    of_old = Gap("Microsoft.KeyVault/vaults", f"/subscriptions/{S}", 403, "No", "")
    assert fate(standing(finding()), standing(gaps=(elsewhere,))) == (ChangeKind.FIXED, "")
    assert fate(standing(finding(), gaps=(of_old,)), standing(gaps=(of_old,))) == (ChangeKind.FIXED, "")


def test_an_account_that_nobody_asked_about_is_not_fixed() -> None:
    registration = finding(subject=f"{ADELE}@{PROJECT}", kind="registration")
    assert fate(standing(registration), standing()) == (
        ChangeKind.UNKNOWN,
        "the new scan says nothing about this account",
    )
    asked = finding(Verdict.PASS, subject=ADELE, kind="account")
    assert fate(standing(registration), standing(asked)) == (ChangeKind.FIXED, "")


@pytest.mark.parametrize(
    ("before", "now", "least", "fails"),
    [
        (None, finding(), Severity.HIGH, True),
        (None, finding(), Severity.CRITICAL, False),
        (None, finding(suppressed=ACCEPTED), Severity.LOW, False),
        (finding(), finding(), Severity.LOW, False),
        (finding(severity=Severity.LOW), finding(), Severity.HIGH, True),
        (finding(severity=Severity.CRITICAL), finding(), Severity.HIGH, False),
        (finding(suppressed=ACCEPTED), finding(), Severity.HIGH, True),
        (finding(), None, Severity.LOW, False),
    ],
)
def test_what_a_pipeline_stops_at(before: Finding | None, now: Finding | None, least: Severity, fails: bool) -> None:
    compared = compare(standing(*filter(None, [before])), standing(*filter(None, [now])))
    assert compared.fails_at(least) is fails


def test_a_scan_of_a_part_fixes_nothing_outside_of_it() -> None:
    part = replace(standing(), narrowed_to=frozenset({"--project lab"}))
    assert fate(standing(finding()), part) == (
        ChangeKind.UNKNOWN,
        "the new scan was limited to a part: `--project lab`",
    )
    assert fate(replace(standing(finding()), narrowed_to=part.narrowed_to), part) == (ChangeKind.FIXED, "")


def test_errors_that_differ_are_told() -> None:
    other = Finding(
        "a-rule", "A rule", Verdict.FAIL, Severity.HIGH, (), SubjectRef("project", PROJECT, "e"), "it is so"
    )
    assert fate(standing(other), standing(finding())) == (ChangeKind.CHANGED, "errors were none")


def test_another_tenant_cannot_be_compared() -> None:
    with pytest.raises(OtherTenant, match=r"the old one is of tenant `t`, the new one of `u`"):
        compare(standing(), standing(tenant="u"))


VERDICTS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(Verdict))


@given(VERDICTS)
def test_nothing_changes_against_itself(held: dict[str, Verdict]) -> None:
    one = standing(*(finding(verdict, subject=f"{PROJECT}{name}") for name, verdict in held.items()))
    assert {change.fate for change in compare(one, one).changes} <= {ChangeKind.SAME}


@given(VERDICTS, VERDICTS)
def test_every_failing_finding_has_one_fate(before: dict[str, Verdict], now: dict[str, Verdict]) -> None:
    old, new = (
        standing(*(finding(verdict, subject=f"{PROJECT}{name}") for name, verdict in held.items()))
        for held in (before, now)
    )
    changes = compare(old, new).changes
    told = [change.stand.subject.id for change in changes]
    failing = {f"{PROJECT}{name}" for held in (before, now) for name, one in held.items() if one is Verdict.FAIL}
    assert len(told) == len(set(told))
    assert failing <= set(told)
    assert [change.order for change in changes] == sorted(change.order for change in changes)


@pytest.mark.parametrize(
    ("modes", "kind", "comparable"),
    [
        (("user", "app"), "registration", False),
        (("", "app"), "registration", False),
        (("app", "app"), "registration", True),
        (("user", "app"), "project", True),
        ((None, "app"), "registration", True),
    ],
)
def test_registrations_are_compared_in_one_mode_only(
    modes: tuple[str | None, str | None], kind: str, comparable: bool
) -> None:
    account = f"{ADELE}@{PROJECT}" if kind == "registration" else PROJECT
    bad, good = (finding(verdict, kind=kind, subject=account) for verdict in (Verdict.FAIL, Verdict.NOT_APPLICABLE))
    old, new = (replace(standing(one), registration_mode=mode) for one, mode in zip((bad, good), modes, strict=True))
    first, second = fate(old, new), fate(new, old)
    assert first is not None
    assert second is not None
    assert (first[0], second[0]) == (ChangeKind.FIXED if comparable else ChangeKind.UNKNOWN, ChangeKind.NEW)
    assert ("another mode" in first[1], "another mode" in second[1]) == (not comparable, not comparable)
