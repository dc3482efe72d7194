"""Property tests run without coverage, since they repeat what other tests cover; the matrices report their size."""

from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder; the hook receives those of all folders."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.untraced)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many wrong answers and odd properties were tried, and how many of those tests failed."""
    told = [
        (dict(report.user_properties), report.outcome)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
    ]
    answers = [(held["wrong answers"], outcome) for held, outcome in told if "wrong answers" in held]
    odd = [(held["odd properties"], outcome) for held, outcome in told if "odd properties" in held]
    if answers:
        readers, kinds, _ = answers[0][0]
        scans = sum(cell[2] for cell, _ in answers)
        failed = sum(outcome == "failed" for _, outcome in answers)
        terminalreporter.write_line(
            f"wrong answers: {readers} readers x {kinds} kinds, {scans:,} scans, {failed} parts with a flip or a crash"
        )
    if odd:
        failed = sum(outcome == "failed" for _, outcome in odd)
        terminalreporter.write_line(
            f"odd properties: {sum(count for count, _ in odd):,} tried, {failed} parts with a flip or a crash"
        )
