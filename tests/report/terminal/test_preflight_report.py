"""The preflight for people and machines: kept as golden files (`GOLDEN=write` makes them anew), inert."""

import json
import re
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.formats import preflight_json
from auditor.report.terminal import preflight as preflight_table
from auditor.report.terminal.preflight import PreflightStyle
from tests.report.golden_file import check_golden
from tests.report.preflight_cast import outcome, result, told


@pytest.mark.parametrize(
    ("name", "account", "style"),
    [
        ("preflight-80.txt", "leeg@contoso.com", PreflightStyle(width=80)),
        ("preflight-80-ascii.txt", "gradya@contoso.com", PreflightStyle(width=80, ascii_only=True)),
        ("preflight-80-colour.txt", "pattif@contoso.com", PreflightStyle(width=80, colour=True)),
        ("preflight-80-go.txt", "meganb@contoso.com", PreflightStyle(width=80)),
        ("preflight-120-verbose.txt", "henriettam@contoso.com", PreflightStyle(width=120, verbose=True)),
    ],
)
def test_golden(name: str, account: str, style: PreflightStyle) -> None:
    check_golden(name, preflight_table.render(result(account, who="go" in name), style))


def test_golden_json() -> None:
    check_golden("preflight.json", preflight_json.render(result("diegos@contoso.com", "contoso-lab", who=True)))


@pytest.mark.parametrize(
    ("account", "project"),
    [
        *((f"{name}@contoso.com", "contoso-dc-exit") for name in ("meganb", "pradeepg", "leeg", "jonis", "henriettam")),
        ("diegos@contoso.com", "contoso-lab"),
        ("isaiahl@contoso.com", "contoso-trial"),
        ("pattif@contoso.com", "contoso-dc-exit"),
    ],
)
def test_it_fits_one_screen_and_says_where_it_is_shortened(account: str, project: str) -> None:
    found = result(account, project)
    whole = preflight_table.render(found, PreflightStyle(width=80))
    shown = preflight_table.render(found, PreflightStyle(width=80, rows=23))
    assert len(shown.splitlines()) <= 23
    assert ("`--verbose` shows" in shown) is (shown != whole)
    for step in found.preflight.steps:
        assert any(step.title in line and step.verdict.value in line for line in shown.splitlines())
        assert all(fix.title[:40] in shown for fix in step.fixes) or re.search(r"^and \d+ more; ", shown, re.MULTILINE)


def test_room_that_is_left_on_the_screen_goes_to_commands() -> None:
    found = result("pradeepg@contoso.com")
    commands = {rows: preflight_table.render(found, PreflightStyle(width=80, rows=rows)) for rows in (18, 21, 23)}
    assert [shown.count("   az ") for shown in commands.values()] == [0, 1, 2]
    assert "--key-permissions all --certificate-permissions all\n" in commands[23]
    assert all(shown.count("\n") <= rows for rows, shown in commands.items() if rows > 18)


def test_what_fits_is_not_shortened_nor_is_what_was_asked_for_in_full() -> None:
    found = result("leeg@contoso.com")
    for verbose, rows in ((False, 200), (True, 5)):
        style = PreflightStyle(width=80, verbose=verbose, rows=rows)
        assert preflight_table.render(found, style) == preflight_table.render(found, replace(style, rows=None))


@pytest.mark.parametrize(
    "account", ["leeg", "jonis", "henriettam", "pattif", "pradeepg", "adelev", "miriamg", "lidiah"]
)
def test_every_command_is_one_command_for_a_shell(account: str) -> None:
    mail = f"{account}@{'fabrikam' if account == 'adelev' else 'contoso'}.com"
    commands = [fix.az for step in result(mail).preflight.steps for fix in step.fixes if fix.az]
    assert commands
    for command in commands:
        words = shlex.split(command)
        assert words[0] == "az"
        assert shlex.join(words) == command


STEERING = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
LIES = "a\r\nGO: every step will work"
HOSTILE = st.one_of(
    st.sampled_from(["\x1b[2J", LIES, "\u202egnp", "[bold]x[/bold]", "`$(reboot)`", "大" * 40]),
    st.text(min_size=1, max_size=60),
)


@given(
    name=HOSTILE,
    width=st.sampled_from([40, 80, 120]),
    verbose=st.booleans(),
    rows=st.sampled_from([None, 5, 20]),
)
def test_whatever_things_are_called_the_report_is_inert(name: str, width: int, verbose: bool, rows: int | None) -> None:
    style = PreflightStyle(width=width, verbose=verbose, rows=rows)
    shown = preflight_table.render(told(outcome(name)), style)
    assert STEERING.search(shown) is None
    assert not any(line.startswith("GO") for line in shown.splitlines())
    document = json.loads(preflight_json.render(told(outcome(name))))
    assert document["account"]["name"] == name
    assert preflight_json.render(told(outcome(name))).isascii()
