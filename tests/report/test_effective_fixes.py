"""First what to do: what is chosen, in which order, and what a fix is said to cure."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from auditor.audit.findings import Finding, Fix, Severity, SubjectRef, Suppressed, Verdict
from auditor.report.effective_fixes import MOST, WEIGHTS, effective_fixes
from auditor.report.result import ScanResult
from tests.report.conftest import registration
from tests.sampling import examples


def fix(title: str, az: str | None = None, *, safe: bool = True) -> Fix:
    return Fix(title, (title,), az, "something", safe=safe)


def finding(name: str, *fixes: Fix, severity: Severity = Severity.HIGH) -> Finding:
    made = registration("a5e7", name, Verdict.FAIL, *fixes)
    return replace(made, severity=severity, subject=SubjectRef("registration", f"a5e7@{name}", name))


ROLE = fix("Give the role", "az role assignment create --role 'Azure Migrate Expert' --scope /a")


def test_equal_fixes_are_one_and_say_what_they_cure() -> None:
    quoted = replace(ROLE, az='az role assignment create --role "Azure Migrate Expert" --scope /a')
    four = [finding(f"account-{number}", ROLE if number % 2 else quoted) for number in range(4)]
    [one] = effective_fixes(four)
    assert one.words == "cures 4 findings"
    assert [it.subject.name for it in one.findings] == ["account-0", "account-1", "account-2", "account-3"]


def test_of_two_ways_out_the_one_that_cures_more_is_shown_and_only_that() -> None:
    shared, own = fix("for all", "az a"), fix("for one", "az b")
    found = effective_fixes([finding("a", own, shared), finding("b", shared)])
    assert [one.fix.title for one in found] == ["for all"]


def test_one_critical_problem_counts_more_than_three_of_high_severity() -> None:
    worst = finding("worst", fix("worst"), severity=Severity.CRITICAL)
    assert [one.fix.title for one in effective_fixes([*(finding(f"h{n}", ROLE) for n in range(3)), worst])] == [
        "worst",
        "Give the role",
    ]


def test_what_can_lose_something_comes_last() -> None:
    delete = fix("Delete it", "az group delete", safe=False)
    several = [finding(f"left-{number}", delete) for number in range(5)]
    low = finding("small", fix("Recalculate"), severity=Severity.LOW)
    assert [one.fix.title for one in effective_fixes([*several, low])] == ["Recalculate", "Delete it"]


def test_removing_a_lock_before_something_else_is_only_the_first_step() -> None:
    unlock = fix("Remove the lock", "az lock delete --ids /l", safe=False)
    itself = finding("the-lock", unlock)
    under_it = finding("the-account", unlock, fix("Delete it", "az storage account delete", safe=False))
    first, second = effective_fixes([itself, under_it])
    assert first.words == "cures 1 finding and is the first step for 1 finding"
    assert [it.subject.name for it in first.begins] == ["the-account"]
    assert second.fix.title == "Delete it"


def test_what_somebody_answers_for_and_notes_are_no_reason() -> None:
    accepted = replace(finding("accepted", fix("x")), suppressed=Suppressed("known", "adele"))
    note = finding("note", fix("y"), severity=Severity.INFO)
    assert effective_fixes([accepted, note]) == ()
    [one] = effective_fixes([finding("real", ROLE), finding("noted", ROLE, severity=Severity.INFO)])
    assert one.words == "cures 2 findings"


def test_nothing_unknown_is_counted(everything: ScanResult) -> None:
    for one in effective_fixes(everything.findings):
        assert {it.verdict for it in one.findings} == {Verdict.FAIL}


@st.composite
def many(draw: st.DrawFn) -> list[Finding]:
    fixes = [
        fix(f"t{n}", draw(st.sampled_from([None, f"az {n}", "az lock delete x"])), safe=n % 3 > 0) for n in range(6)
    ]
    return [
        finding(
            f"subject-{number}",
            *draw(st.lists(st.sampled_from(fixes), max_size=3, unique=True)),
            severity=draw(st.sampled_from(list(Severity))),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@examples(60)
@given(many())
def test_each_fix_is_worth_most_of_what_is_left(findings: list[Finding]) -> None:
    """The same choice, made anew each time by counting everything."""
    found = effective_fixes(findings)
    assert len(found) <= MOST
    assert [one.fix.safe for one in found] == sorted((one.fix.safe for one in found), reverse=True)
    assert effective_fixes(reversed(findings)) == found
    left = {one.subject.id: one for one in findings}
    for one in found:
        worth: float = sum(WEIGHTS[it.severity] for it in one.cures if it.subject.id in left)
        worth += sum(WEIGHTS[it.severity] / 2 for it in one.begins if it.subject.id in left)
        assert worth > 0
        single = max(
            (
                WEIGHTS[it.severity]
                for it in left.values()
                for way in it.fixes
                if way.safe is one.fix.safe and not way.az
            ),
            default=0,
        )
        assert worth >= single
        for it in one.cures:
            left.pop(it.subject.id, None)
    if len(found) < MOST:
        unlocked = {it.subject.id for one in found for it in one.begins}
        problems = [it for it in left.values() if it.severity is not Severity.INFO]
        assert all(not it.fixes or it.subject.id in unlocked for it in problems)
