"""The table: kept as golden files (`GOLDEN=write` makes them anew), calm whatever resources are called."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from auditor.inventory.reads import Gap
from auditor.report.result import ScanResult
from auditor.report.shown import ShownFindings
from auditor.report.terminal.coverage import answer_of
from auditor.report.terminal.findings import MOST
from auditor.report.terminal.scan_text import render, render_shown
from auditor.report.terminal.style import TableStyle
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE as HOSTILE_NAMES
from tests.report.steering import STEERING

SGR = re.compile(r"\x1b\[[0-9;]*m")
LINK = re.compile(r"\x1b\]8;;((?:https://(?:portal\.azure\.com|learn\.microsoft\.com)/[!-~]*)?)\x1b\\")

HOSTILE = (
    "\x1b[2J\x1b[H PASS",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "\x9b31m",
    "line\r\nbreak\rPASS: nothing found",
    "\u202etxt.exe\u2066",
    "[bold red]markup[/bold red] [link=https://evil.example]x[/link] :smile:",
    "`$(reboot)`",
    "=cmd|' /C calc'!A0",
    "</script>{{7*7}}",
    "大" * 60,
    "x" * 5_000_000,
)


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("table-80.txt", TableStyle(width=80)),
        ("table-200.txt", TableStyle(width=200)),
        ("table-80-colour.txt", TableStyle(width=80, colour=True)),
        ("table-80-links.txt", TableStyle(width=80, colour=True, links=True)),
        ("table-80-ascii.txt", TableStyle(width=80, ascii_only=True)),
        ("table-100-verbose-all.txt", TableStyle(width=100, verbose=True, all_verdicts=True)),
        ("table-100-all.txt", TableStyle(width=100, all_verdicts=True, command="migaudit scan --demo")),
    ],
)
def test_golden(name: str, style: TableStyle, everything: ScanResult) -> None:
    check_golden(name, render(everything, style))


def test_golden_shown(everything: ScanResult) -> None:
    chosen = ShownFindings(everything, ["ADELE@contoso.com", "workspace-left-behind"])
    check_golden("table-80-shown.txt", render_shown(everything, chosen, TableStyle(width=80)))


def test_golden_spotless(spotless: ScanResult) -> None:
    check_golden("table-80-spotless.txt", render(spotless, TableStyle(width=80)))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_colour_changes_nothing_but_colour(width: int, everything: ScanResult) -> None:
    plain = render(everything, TableStyle(width=width))
    assert SGR.sub("", render(everything, TableStyle(width=width, colour=True))) == plain


@pytest.mark.parametrize("width", [80, 200])
def test_only_commands_are_wider_than_the_page(width: int, everything: ScanResult) -> None:
    text = render(everything, TableStyle(width=width)) + render(everything, TableStyle(width=width, verbose=True))
    wide = [line for line in text.splitlines() if cell_len(line) > width]
    assert all(line.strip().startswith("--scope /subscriptions/") for line in wide)


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_stay_text(name: str, hostile: Callable[[str], ScanResult]) -> None:
    shown = render(hostile(name), TableStyle(width=80, verbose=True, all_verdicts=True))
    assert not STEERING.search(shown)
    assert len(shown) < 200_000


@given(st.text(alphabet=st.characters(exclude_categories=[])), st.booleans())
def test_any_name_stays_text(hostile: Callable[[str], ScanResult], name: str, colour: bool) -> None:
    shown = render(hostile(name), TableStyle(width=80, colour=colour, verbose=True))
    assert not STEERING.search(SGR.sub("", shown))
    assert shown.count("COVERAGE") - name.count("COVERAGE") * 30 <= 1


@given(HOSTILE_NAMES)
def test_a_link_is_the_address_of_the_portal_and_nothing_else(hostile: Callable[[str], ScanResult], name: str) -> None:
    style = TableStyle(width=80, colour=True, links=True, verbose=True)
    shown = render(hostile(f"/subscriptions/s{name}"), style)
    assert LINK.search(shown)
    assert not STEERING.search(SGR.sub("", LINK.sub("", shown)))


def test_links_change_nothing_but_links(everything: ScanResult) -> None:
    coloured = render(everything, TableStyle(width=80, colour=True))
    assert LINK.sub("", render(everything, TableStyle(width=80, colour=True, links=True))) == coloured
    assert render(everything, TableStyle(width=80, links=True)) == render(everything, TableStyle(width=80))


def test_markup_is_shown_as_it_is_written(hostile: Callable[[str], ScanResult]) -> None:
    assert "[bold]x[/bold]" in render(hostile("[bold]x[/bold]"), TableStyle(width=200))


def test_a_rule_with_many_subjects_is_cut_unless_verbose(everything: ScanResult) -> None:
    one = everything.findings[0]
    many = tuple(replace(one, subject=replace(one.subject, name=f"account-{number}")) for number in range(MOST + 5))
    crowd = replace(everything, findings=many)
    shown = render_shown(crowd, ShownFindings(crowd, [one.rule]), TableStyle(width=80))
    assert "and 5 more; `--verbose` and `--format json` show all of them" in shown
    assert "account-24" not in shown
    assert "account-24" in render(crowd, TableStyle(width=80, verbose=True))


def test_a_fix_is_told_once(everything: ScanResult) -> None:
    one = everything.findings[0]
    twice = replace(everything, findings=(one, replace(one, subject=replace(one.subject, name="again"))))
    shown = render(twice, TableStyle(width=120, verbose=True))
    assert shown.count("az role assignment create") == 1
    assert "  fix 1  Give the account the Azure Migrate role that covers a registration  as above\n" in shown


def test_what_could_not_be_read_is_told_once_with_its_cure(everything: ScanResult) -> None:
    coverage = render(everything, TableStyle(width=120, verbose=True)).split("COVERAGE")[1]
    assert "? 403 AuthorizationFailed\n  unread Microsoft.Insights/scheduledQueryRules\n" in coverage
    assert "  so     unknown: workspace-left-behind\n" in coverage
    assert "  cure   grant Microsoft.Insights/scheduledQueryRules/read\n" in coverage
    assert "? no answer within 60 seconds\n  unread Microsoft.KeyVault/deletedVaults\n" in coverage


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (Gap("a", "/", 403, "AuthorizationFailed", "The client has no right"), "403 AuthorizationFailed"),
        (Gap("a", "/", 200, "NotJson", "the answer is not JSON"), "the answer is not JSON"),
        (Gap("a", "/", 302, "Redirected", "the endpoint redirects"), "the endpoint redirects"),
        (Gap("a", "/", 0, "Timeout", "no answer within 60 seconds"), "no answer within 60 seconds"),
        (Gap("a", "/", 0, "Interrupted", ""), "Interrupted"),
        (Gap("a", "/", 0, "", ""), "no answer came"),
    ],
)
def test_an_answer_that_is_no_error_is_told_by_what_is_wrong_with_it(gap: Gap, said: str) -> None:
    assert answer_of(gap) == said
