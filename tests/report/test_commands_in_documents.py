"""Commands in documents: for the shell that was named, otherwise for every reader, each form read back."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import html5lib
import pytest

from auditor.audit.findings import Fix
from auditor.report.fleet import markdown as fleet_markdown
from auditor.report.fleet import page as fleet_page
from auditor.report.fleet.result import FleetResult, TenantOutcome
from auditor.report.formats import json_report, markdown
from auditor.report.html import page
from auditor.report.result import ScanResult
from auditor.shells import READERS, CommandShell
from tests.report.conftest import ADELE, registration, result
from tests.test_shells import on_windows

ALIKE = "az role assignment create --role 'Azure Migrate Owner' --scope /subscriptions/s"
UNLIKE = "az tag update --tags 'it'\"'\"'s & <b>rg(prod)'"
SHELLS = [READERS, (CommandShell.BASH,), (CommandShell.PWSH,), (CommandShell.WINDOWS_PWSH,), (CommandShell.CMD,)]


def fix(command: str) -> Fix:
    return Fix(f"Do {command[:8]}", (), command, "something", safe=True)


SCAN = result(
    replace(registration(ADELE, "adele@contoso.com"), fixes=(fix(ALIKE),)),
    replace(registration(f"{ADELE[:-1]}f", "zoe@contoso.com"), fixes=(fix(UNLIKE),)),
)


def in_page(found: ScanResult) -> list[tuple[str, str]]:
    """The commands of the part without a script, and those that the script shows, with the names of their shells."""
    tree = html5lib.parse(page.render(found), namespaceHTMLElements=False)
    data = next(one for one in tree.iter("script") if one.get("type") == "application/json")
    findings = json.loads(data.text or "")["findings"]
    shown = [(shell, text) for one in findings for it in one["fixes"] for shell, text in it["az"]]
    listed = [one.text for one in tree.iter("pre")]
    assert {text for _, text in shown} == set(listed)
    return shown


def in_markdown(found: ScanResult) -> list[tuple[str, str]]:
    text = markdown.render(found)
    return [(shell, command) for shell, command in re.findall(r"(?:In (.+):\n *\n)? *```\w+\n *(az .*)\n", text)]


@pytest.mark.parametrize("read", [in_page, in_markdown])
@pytest.mark.parametrize("shells", SHELLS)
def test_each_form_says_whose_it_is_and_is_read_as_it_is_meant(
    read: Callable[[ScanResult], list[tuple[str, str]]], shells: tuple[CommandShell, ...]
) -> None:
    found = read(replace(SCAN, shells=shells))
    if shells == READERS:
        assert [shell for shell, _ in found] == ["", "Bash", "PowerShell on Windows"]
        readers = [CommandShell.BASH, CommandShell.BASH, CommandShell.WINDOWS_PWSH]
        assert on_windows(found[0][1], CommandShell.WINDOWS_PWSH) == shlex.split(ALIKE)
    else:
        assert [shell for shell, _ in found] == ["", ""]
        readers = [shells[0]] * 2
    for reader, (_, command), meant in zip(readers, found, (ALIKE, UNLIKE, UNLIKE), strict=False):
        if reader is CommandShell.BASH:
            assert shlex.split(command) == shlex.split(meant)
        elif reader is not CommandShell.PWSH:
            assert on_windows(command, reader) == shlex.split(meant)


@pytest.mark.parametrize("render", [fleet_markdown.render, fleet_page.render])
def test_a_fleet_has_the_forms_of_its_tenants(render: Any) -> None:
    fleet = FleetResult("migaudit", (TenantOutcome("contoso", SCAN),))
    assert "PowerShell on Windows" in render(fleet, all_verdicts=False)
    named = fleet.written_for((CommandShell.CMD,))
    assert "PowerShell on Windows" not in render(named, all_verdicts=False)


def test_a_format_for_programs_has_one_form_whatever_the_shell() -> None:
    whole = [json_report.render(replace(SCAN, shells=shells)) for shells in SHELLS]
    assert len(set(whole)) == 1
    assert [one["az"] for it in json.loads(whole[0])["findings"] for one in it["fixes"]] == [ALIKE, UNLIKE]
