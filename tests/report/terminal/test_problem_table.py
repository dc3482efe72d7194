"""The last screen of a scan: a row a problem, worst first, bounded, and in sight when the prompt returns."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from auditor.audit.findings import Finding, Severity, SubjectRef, Suppressed, Verdict
from auditor.report.result import ScanResult
from auditor.report.terminal.bounded_rows import MOST_OF_KIND, MOST_ROWS
from auditor.report.terminal.problem_rows import error_cell
from auditor.report.terminal.scan_text import render
from auditor.report.terminal.style import TableStyle
from tests.report.conftest import ADELE, GROUP, left_behind, registration, result

DEMO = "migaudit scan --demo"


def problem(number: int, severity: Severity, project: str = "exit", rule: str = "") -> Finding:
    identity = f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/{project}"
    return replace(
        left_behind(Verdict.FAIL),
        rule=rule or f"rule-{number}",
        severity=severity,
        subject=SubjectRef("project", identity, f"thing-{number}"),
    )


def rows(text: str) -> list[list[str]]:
    """The rows of problems of a page, as words."""
    severities = {severity.value for severity in Severity}
    return [line.split() for line in text.splitlines() if line.split() and line.split()[0] in severities]


def test_worst_first_and_then_by_project_and_account() -> None:
    low_in_worst, high_in_worst = problem(1, Severity.LOW, "a"), problem(2, Severity.HIGH, "a")
    others = [problem(3, Severity.HIGH, "b"), problem(4, Severity.HIGH, "b"), problem(5, Severity.CRITICAL, "c")]
    accounts = [registration(f"a5e7000{number}", f"{name}@contoso.com") for number, name in enumerate("zy")]
    text = render(result(low_in_worst, high_in_worst, *others, *accounts), TableStyle(width=120))
    shown = [(words[0], words[-2]) for words in rows(text)]
    assert shown == [
        ("critical", "c"),
        ("high", "b"),
        ("high", "b"),
        ("high", "contoso-exit"),
        ("high", "contoso-exit"),
        ("high", "a"),
        ("low", "a"),
    ]
    assert text.index("y@contoso.com") < text.index("z@contoso.com")


@pytest.mark.parametrize("height", [24, 40, None])
def test_the_worst_stand_above_the_prompt_where_the_screen_is_too_small(height: int | None) -> None:
    found = result(
        *(problem(number, Severity.HIGH) for number in range(8)),
        *(problem(number, Severity.LOW) for number in range(8, 28)),
        replace(left_behind(Verdict.FAIL), severity=Severity.INFO),
    )
    text = render(found, TableStyle(width=100, rows=height, command=DEMO))
    severities = [words[0] for words in rows(text)]
    last_screen = text.splitlines()[-(height - 4) :] if height else text.splitlines()
    assert sum(line.startswith("high") for line in last_screen) == 8
    assert severities == sorted(severities, reverse=height is not None)
    assert text.splitlines()[-3].startswith("28 problems (8 high, 20 low) · 1 note")


def test_many_problems_of_one_rule_are_cut_and_counted_beside_the_cut() -> None:
    crowd = [problem(number, Severity.HIGH, rule="same") for number in range(5_000)]
    text = render(result(*crowd, problem(1, Severity.LOW)), TableStyle(width=100))
    assert len(rows(text)) == MOST_OF_KIND + 1
    assert f"and {5_000 - MOST_OF_KIND + 1:,} more" in text


def test_many_rules_are_cut_and_counted_by_severity() -> None:
    crowd = [problem(number, Severity.LOW if number % 2 else Severity.HIGH) for number in range(200)]
    text = render(result(*crowd), TableStyle(width=100))
    assert len(rows(text)) == MOST_ROWS
    assert f"and {200 - MOST_ROWS} more problems ({100 - MOST_ROWS} high, 100 low)" in text.splitlines()


def test_what_somebody_accepted_comes_last_and_says_so() -> None:
    accepted = replace(problem(1, Severity.HIGH), suppressed=Suppressed("it is gone in March", "patti", None))
    text = render(result(accepted, problem(2, Severity.LOW)), TableStyle(width=100))
    assert [words[-1] for words in rows(text)] == ["rule-2", "suppressed"]


@pytest.mark.parametrize("width", [40, 60, 80, 99, 100, 150, 250])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_rule_is_never_cut_where_there_is_room_for_it(width: int, ascii_only: bool, everything: ScanResult) -> None:
    text = render(everything, TableStyle(width=width, ascii_only=ascii_only))
    assert ascii_only or all(cell_len(line) <= width for line in text.splitlines())
    assert width == 40 or "account-cannot-register" in text
    assert all(len(words) >= 3 for words in rows(text))
    assert text.isascii() or not ascii_only


def test_every_command_can_be_copied() -> None:
    file = f"'/tmp/{'x' * 90} y.yaml'"
    long = f"migaudit scan --snapshot {file}"
    text = render(result(registration(ADELE, "adele@contoso.com")), TableStyle(width=80, command=long))
    assert f"migaudit scan \\\n  --snapshot {file} \\\n  --show account-cannot-register\n" in text
    assert text.endswith("migaudit explain 60052\n")


def test_no_command_is_named_where_none_was_given(everything: ScanResult) -> None:
    assert "migaudit" not in render(everything, TableStyle(width=100)).replace("contoso-migaudit", "")


@pytest.mark.parametrize(
    ("errors", "broad", "shown"),
    [
        ((), True, ""),
        (("60052",), False, "60052"),
        (("60052", "60039", "60030", "x"), False, "60052 +3"),
        (("181008", "60039"), False, "181008"),
        (("181008", "60039"), True, "181008 +1"),
        (("AuthorizationFailed", "1039"), False, "1039 +1"),
    ],
)
def test_the_number_of_other_errors_stands_where_there_is_room(
    errors: tuple[str, ...], broad: bool, shown: str
) -> None:
    assert error_cell(errors, broad=broad) == shown


def test_projects_of_one_name_are_told_apart() -> None:
    one = problem(1, Severity.HIGH)
    other = replace(one, subject=replace(one.subject, id=one.subject.id.replace("rg-migrate", "rg-other")))
    text = render(result(one, other), TableStyle(width=160))
    assert "exit (rg-migrate, Contoso Datacenter Exit)" in text
    assert "exit (rg-other, Contoso Datacenter Exit)" in text
