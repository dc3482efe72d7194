"""The request for what is missing: what it asks for and what not, its formats as golden files, inert, one page."""

import re
import shlex
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import assume, given

from auditor.audit.preflight.report import StepVerdict
from auditor.facts.rights.steps import steps
from auditor.report.html import preflight as page
from auditor.report.preflight import markdown
from auditor.report.preflight.grant_request import GrantRequest, grant_request
from auditor.report.preflight.plain_rights import in_words, rights_at
from auditor.report.preflight_result import PreflightResult
from auditor.shells import CommandShell
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE, NAMES
from tests.report.html.chromium import find_chromium, tab
from tests.report.preflight_cast import TITLES, outcome, result, told
from tests.report.steering import STEERING
from tests.sampling import examples
from tests.test_shells import on_windows

RENDERERS: dict[str, Callable[[PreflightResult], str]] = {"html": page.render, "markdown": markdown.render}
AGAIN = "migaudit preflight --subscription 0d1e2c3b-4a59-4687-9b10-c0a050000001 --project contoso-dc-exit"


def request(account: str, project: str = "contoso-dc-exit") -> GrantRequest:
    return grant_request(result(f"{account}@contoso.com", project))


def shown(account: str, project: str = "contoso-dc-exit") -> PreflightResult:
    return replace(result(f"{account}@contoso.com", project), titles=TITLES, again=AGAIN)


def parsed(text: str) -> Any:
    return html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree")).parse(text)


def elements(text: str) -> Counter[str]:
    return Counter(one.tag for one in parsed(text).iter() if isinstance(one.tag, str))


def test_it_asks_for_what_is_missing_and_for_nothing_else() -> None:
    asked = request("pradeepg")
    assert asked.ask == "Please run these two commands"
    assert [shlex.split(one.fix.az or "")[:3] for one in asked.asked] == [
        ["az", "keyvault", "set-policy"],
        ["az", "ad", "app"],
    ]
    assert all(one.fix.by and one.fix.undo and one.fix.undo.az for one in asked.asked)
    assert (asked.by_hand, asked.perhaps, asked.own) == ((), (), ())
    # Replication is not part of the verdict without a target group, so nothing is asked for it.
    assert all("Execute Expert" not in one.fix.title for one in request("leeg").asked)


def test_a_command_that_another_shell_reads_otherwise_is_given_for_powershell_too() -> None:
    assert request("leeg").how.startswith("In Bash or PowerShell, ")
    nestor = result("nestorw@fabrikam.com")
    asked = grant_request(nestor)
    assert asked.how.startswith("In Bash, for example in Azure Cloud Shell, or in PowerShell on Windows.")
    assert "    In PowerShell on Windows:\n    \n    ```powershell\n    az rest --method POST" in markdown.render(
        nestor
    )
    assert page.render(nestor).count('<p class="dim">In PowerShell on Windows:</p>') == 1


@pytest.mark.parametrize(
    ("shell", "language", "how"),
    [(CommandShell.CMD, "bat", "In cmd."), (CommandShell.WINDOWS_PWSH, "powershell", "In PowerShell on Windows.")],
)
def test_a_shell_that_was_named_is_the_only_one(shell: CommandShell, language: str, how: str) -> None:
    named = replace(result("nestorw@fabrikam.com"), shells=(shell,))
    assert grant_request(named).how.startswith(how)
    text = markdown.render(named)
    assert f"```{language}\n" in text
    assert "```sh\n" not in text
    for line in text.splitlines():
        if line.strip().startswith("az "):
            command = line.strip()
            assert on_windows(command, shell)[0] == "az"
    assert "In PowerShell on Windows:" not in page.render(named)


def test_who_can_grant_it_is_named_and_the_account_itself_is_not() -> None:
    by = {one.fix.title: one.fix.by for one in request("leeg").asked}
    role = by["Give the account the role `Azure Migrate Decide and Plan Expert`"]
    assert "Microsoft.Authorization/roleAssignments/write" in role
    assert "`lynner@contoso.com`, `meganb@contoso.com`" in role
    assert not any("leeg" in text for text in by.values())


def test_what_can_be_activated_is_not_granted() -> None:
    asked = request("jonis")
    assert asked.settled
    assert (asked.asked, asked.by_hand, asked.ask) == ((), (), "")
    assert [one.fix.title for one in asked.own] == [
        "Activate the role `Contributor`, for which the account is eligible",
        "Activate the directory role `Application Administrator`, for which the account is eligible",
    ]


def test_no_role_is_asked_for_to_register_providers() -> None:
    asked = request("diegos", "contoso-lab")
    assert [shlex.split(one.fix.az or "")[1:3] for one in asked.asked] == [
        ["provider", "register"],
        ["keyvault", "recover"],
    ]
    assert [one.fix.perhaps for one in asked.perhaps] == [True]
    assert "exempted from the policy" in asked.perhaps[0].fix.title


def test_what_cannot_be_granted_by_a_command_is_asked_for_in_the_portal() -> None:
    asked = request("henriettam")
    assert [one.fix.title for one in asked.by_hand] == ["Have the deny assignment changed by its creator"]
    assert "Nothing else" not in asked.how


def test_what_is_unknown_is_said_and_nothing_is_asked_for() -> None:
    asked = request("lidiah", "contoso-branches")
    assert asked.verdict is StepVerdict.UNKNOWN
    assert (asked.asked, asked.by_hand) == ((), ())
    assert asked.may_block
    assert asked.has_open
    assert "is not known yet" in asked.title


def test_unread_lists_are_said_with_what_would_settle_them() -> None:
    text = markdown.render(told(outcome("calm")))
    assert "not read: `A.B/c` at" in text
    assert "to settle it, `contoso-migaudit` needs `calm`" in text


def test_a_go_says_what_was_checked() -> None:
    text = markdown.render(shown("meganb"))
    assert "Please" not in text
    assert "9 rights in the key vault `ContosoDcExit4f2akv`" in text
    assert "every step up to the start of discovery will work" in text


def test_every_right_of_every_step_has_plain_words() -> None:
    actions = {action for step in steps().values() for need in step.needs for action in need.one_of}
    actions |= {action for step in steps().values() for action in step.vault}
    assert [one for one in sorted(actions) if "`" in in_words([one])] == []


def test_a_place_is_told_by_its_name() -> None:
    missing = [one for step in result("leeg@contoso.com").preflight.steps for one in step.missing]
    assert [one.place for one in rights_at(missing)] == [
        "the resource group `rg-migrate-prod`",
        "the project `contoso-dc-exit`",
        "the key vault `ContosoDcExit4f2akv`",
        "the application `cdxvcenter014f2aagentauthaadapp (ab1d0001-7c3f-4e58-b6a2-c0a050000001)`",
    ]


@pytest.mark.parametrize("form", RENDERERS)
def test_golden_files(form: str) -> None:
    text = RENDERERS[form](shown("pradeepg"))
    text = re.sub(r"(<style>).*?(</style>)", r"\1\2", text, flags=re.DOTALL)
    check_golden(f"preflight.{'md' if form == 'markdown' else form}", re.sub(r"sha256-[^']+", "sha256-", text))


def test_the_page_runs_nothing_and_fetches_nothing() -> None:
    text = page.render(shown("leeg"))
    document = parsed(text)
    linked = [one.get(name) for one in document.iter() for name in ("src", "href", "action") if one.get(name)]
    assert linked == ["data:,"]
    assert "default-src 'none'; style-src 'sha256-" in text
    assert "<script" not in text


@pytest.mark.parametrize("name", NAMES)
def test_no_name_makes_an_element(name: str) -> None:
    assert elements(page.render(told(outcome(name)))).keys() == elements(page.render(told(outcome("calm")))).keys()


@examples(10)
@given(HOSTILE)
def test_whatever_things_are_called_the_request_is_inert(name: str) -> None:
    assume(name.split())
    for render in RENDERERS.values():
        text = render(told(outcome(name)))
        assert not STEERING.search(text)
        text.encode("utf-8", "strict")
    assert (
        not {"{http://www.w3.org/1999/xhtml}img", "{http://www.w3.org/1999/xhtml}script"}
        & elements(page.render(told(outcome(name)))).keys()
    )


@pytest.mark.browser
@pytest.mark.skipif(find_chromium() is None, reason="no Chromium here; Debian has it as the package `chromium`")
async def test_two_commands_fit_one_sheet_and_nothing_sticks_out(tmp_path: Path) -> None:
    file = tmp_path / "request.html"
    file.write_text(page.render(shown("pradeepg")), encoding="utf-8")
    async with tab(tmp_path / "profile") as browser:
        await browser.open(file)
        assert (browser.requests, browser.logged) == ([file.as_uri()], [])
        printed = await browser.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)
        assert len(re.findall(rb"/Type\s*/Page\b", b64decode(printed["data"]))) == 1
        for width in (320, 1280):
            await browser.look(width=width, height=800, phone=width < 600)
            await browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            assert await browser.run("document.documentElement.scrollWidth") <= width
