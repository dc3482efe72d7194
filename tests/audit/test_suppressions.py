"""Suppression files: what they say, what they may not say, and what becomes of the findings."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.audit.compare.comparison import since
from auditor.audit.compare.verdict_set import VerdictSet
from auditor.audit.findings import Finding, Severity, SubjectRef, Suppressed, Verdict
from auditor.audit.rules.mistakes import BadRule
from auditor.audit.suppression_file import load_suppressions
from auditor.audit.suppressions import Effect, Suppression, suppress

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
RULES = ("vault-access-missing", "workspace-left-behind")
LAW = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law-pilot"


def finding(verdict: Verdict = Verdict.FAIL, subject: str = LAW, rule: str = RULES[1]) -> Finding:
    ref = SubjectRef("workspace", subject, subject.rpartition("/")[2])
    return Finding(rule, "Left behind", verdict, Severity.HIGH, (), ref, "nobody uses it")


def entry(subject: str = "law-*", expires: date | None = None, rule: str = RULES[1]) -> Suppression:
    return Suppression(rule, subject, "kept for the audit", "adele", expires, "s.yaml:2:3")


@pytest.mark.parametrize(
    ("subject", "fits"),
    [
        ("law-pilot", True),
        ("LAW-PILOT", True),
        (LAW.upper(), True),
        ("law-*", True),
        ("*/workspaces/law-pilo?", True),
        ("*", True),
        ("law", False),
        ("pilot", False),
        ("/subscriptions/s", False),
    ],
)
def test_a_subject_is_an_id_or_a_name_or_a_pattern_of_one(subject: str, fits: bool) -> None:
    assert entry(subject).matches(finding()) is fits


def test_brackets_in_a_name_fit_themselves() -> None:
    assert entry("ServiceMap[1]*").matches(finding(subject="ServiceMap[1](law)"))
    assert not entry("law-[p]ilot").matches(finding())


@pytest.mark.parametrize(
    ("of", "verdict", "effect", "marked"),
    [
        (entry(), Verdict.FAIL, Effect.ACTIVE, True),
        (entry(expires=date(2026, 11, 23)), Verdict.FAIL, Effect.ACTIVE, True),
        (entry(expires=date(2026, 11, 22)), Verdict.FAIL, Effect.EXPIRED, False),
        (entry(), Verdict.UNKNOWN, Effect.UNDECIDED, False),
        (entry(), Verdict.PASS, Effect.UNMATCHED, False),
        (entry("other"), Verdict.FAIL, Effect.UNMATCHED, False),
        (entry(rule=RULES[0]), Verdict.FAIL, Effect.NOT_ASKED, False),
    ],
)
def test_what_an_entry_comes_to(of: Suppression, verdict: Verdict, effect: Effect, marked: bool) -> None:
    (found,), (told,) = suppress([finding(verdict)], [of], NOW, [RULES[1]])
    assert told.effect is effect
    assert (found.suppressed is not None) is marked
    assert found.verdict is verdict


def test_the_first_entry_that_holds_answers() -> None:
    expired = Suppression(RULES[1], "*", "old", "nobody", date(2020, 1, 1), "s.yaml:2:3")
    (found,), told = suppress([finding()], [expired, entry(expires=date(2027, 1, 1)), entry("*")], NOW, RULES)
    assert found.suppressed == Suppressed("kept for the audit", "adele", "2027-01-01")
    assert [(one.effect, one.count) for one in told] == [(Effect.EXPIRED, 1), (Effect.ACTIVE, 1), (Effect.ACTIVE, 1)]


@given(st.lists(st.sampled_from(Verdict), max_size=6), st.lists(st.sampled_from(["*", "law-*", "no"]), max_size=4))
def test_no_entry_changes_a_verdict_or_hides_a_finding(verdicts: list[Verdict], subjects: list[str]) -> None:
    before = [finding(verdict) for verdict in verdicts]
    after, _ = suppress(before, [entry(subject) for subject in subjects], NOW, RULES)
    assert [one.verdict for one in after] == verdicts
    assert all(one.suppressed is None for one in after if one.verdict is not Verdict.FAIL)


def write(path: Path, text: str) -> Path:
    (path / "s.yaml").write_text(text)
    return path / "s.yaml"


def test_a_file_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "suppressions:\n"
        "  - rule: workspace-left-behind\n    subject: law-*\n    reason: kept\n    owner: adele\n"
        "    expires: 2026-12-31\n"
        "  - {rule: vault-access-missing, subject: kv, reason: 'no', owner: megan}\n",
    )
    first, second = load_suppressions(path, RULES)
    assert first == Suppression(RULES[1], "law-*", "kept", "adele", date(2026, 12, 31), f"{path}:2:5")
    assert (second.expires, second.place) == (None, f"{path}:7:5")


GOOD = "rule: workspace-left-behind, subject: x, reason: r"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1:1: the file is empty"),
        ("- a", ":1:1: the file needs one key, `suppressions`"),
        ("suppress: []", ":1:1: the file needs one key, `suppressions`"),
        ("suppressions: []\nother: 1", ":2:1: unknown key `other`"),
        ("suppressions: 3", ":1:15: `suppressions` must be a list"),
        ("suppressions:\n  - x", ":2:5: an entry must be a mapping"),
        (f"suppressions:\n  - {{{GOOD}, ownr: a}}", ":2:58: unknown key `ownr`; did you mean `owner`?"),
        (f"suppressions:\n  - {{{GOOD}, zzzzz: a}}", ":2:58: unknown key `zzzzz`"),
        (f"suppressions:\n  - {{{GOOD}}}", ":2:5: `owner` is missing"),
        (f"suppressions:\n  - {{{GOOD}, owner: }}", ":2:65: `owner` is empty"),
        (f"suppressions:\n  - {{{GOOD}, owner: [a]}}", ":2:65: `owner` must be text"),
        (
            f"suppressions:\n  - {{{GOOD}, owner: a, expires: soon}}",
            ":2:77: `soon` is not a date; write it as 2026-12-31",
        ),
        (f"suppressions:\n  - {{{GOOD}, owner: a, expires: 2026-13-31}}", "`2026-13-31` is not a date"),
        ("suppressions:\n  - {rule: workspace-left-behin}", ":2:"),
        (
            "suppressions:\n  - {rule: workspace-left-behin, subject: x, reason: r, owner: a}",
            ":2:12: no such rule: `workspace-left-behin`; did you mean `workspace-left-behind`?",
        ),
        ("suppressions:\n  - {rule: q, subject: x, reason: r, owner: a}", ":2:12: no such rule: `q`"),
        ("suppressions: [", ": not YAML: "),
        ("suppressions: &a [*a]", "anchors and aliases are not allowed"),
        ("suppressions: []\nsuppressions: []", "is given twice"),
    ],
)
def test_a_slip_is_answered_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BadRule) as bad:
        load_suppressions(path, RULES)
    assert str(bad.value).startswith(str(path))
    assert said in str(bad.value)


def standing(*findings: Finding) -> VerdictSet:
    return VerdictSet.of(findings, (), tenant_id="t", at=NOW, subscriptions=("s",), rules=RULES)


def test_a_baseline_leaves_out_what_it_knew_and_counts_it() -> None:
    known, new = finding(), finding(subject=LAW + "2")
    hidden, lost = finding(Verdict.UNKNOWN, subject=LAW + "3"), finding(Verdict.UNKNOWN, subject=LAW + "4")
    fine = finding(Verdict.PASS, subject=LAW + "5")
    every = (known, new, hidden, lost, fine)
    before = standing(known, hidden, finding(subject=LAW + "4"))
    kept, told = since(before, standing(*every), every)
    assert kept == (new, lost, fine)
    assert (told.at, told.known, told.unknown) == (NOW, 1, 1)
