"""The page in a headless Chromium: it opens quietly, fetches nothing, filters and searches; names stay text."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.audit.findings import OwningProject
from auditor.report.html.page import render
from auditor.report.result import ScanResult
from tests.report.hostile_names import NAMES
from tests.report.html.chromium import Tab, find_chromium, tab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium here; Debian has it as the package `chromium`"),
]

SHOWN = "[...document.querySelectorAll('#list .subject > bdi')].map((one) => one.textContent)"
STATUS = "document.getElementById('shown').textContent"
CARDS = "document.querySelectorAll('#list > li.finding').length"
GROUPS = "[...document.querySelectorAll('#list > li.group bdi')].map((one) => one.textContent)"
QUIET = "new Promise((done) => setTimeout(done, 300))"
Visit = Callable[[Tab, ScanResult], Awaitable[None]]


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    async def opened(page: Tab, result: ScanResult) -> None:
        file = tmp_path / "report.html"
        file.write_text(render(result, all_verdicts=True), encoding="utf-8")
        await page.open(file)
        assert page.requests == [file.as_uri()]
        assert page.logged == []

    return opened


async def search(page: Tab, text: str) -> None:
    await page.run("document.getElementById('clear').click(); document.getElementById('query').focus()")
    await page.call("Input.insertText", text=text)
    await page.run(QUIET)


async def test_it_filters_and_searches(everything: ScanResult, visit: Visit, tmp_path: Path) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        assert await page.run(STATUS) == "3 of 5 findings"
        await page.run("document.querySelector('input[value=pass]').click()")
        assert await page.run(STATUS) == "4 of 5 findings"
        await page.run("document.querySelector('input[value=high]').click()")
        assert await page.run(SHOWN) == ["contoso-pilot-ws"]
        await search(page, "ALEX 60052")
        assert await page.run(SHOWN) == ["alex@contoso.com → contoso-exit"]
        await search(page, "nobody-of-this-name")
        assert await page.run(STATUS) == "0 of 5 findings"
        await page.run("document.getElementById('clear').click()")
        await page.run(
            "const kind = document.getElementById('kind'); kind.value = 'workspace'; "
            "kind.dispatchEvent(new Event('change', {bubbles: true}))"
        )
        assert await page.run(SHOWN) == ["contoso-pilot-ws"]
        assert page.logged == []


async def test_the_overview_and_the_map_lead_to_their_findings(
    everything: ScanResult, visit: Visit, tmp_path: Path
) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        await page.run("document.querySelector('.first [data-rule]').click()")
        assert await page.run(STATUS) == "2 of 5 findings · only the rule account-cannot-register"
        await page.run("document.querySelector('.box.unknown').dispatchEvent(new Event('click', {bubbles: true}))")
        assert await page.run(SHOWN) == ["contoso-pilot-ws"]


async def test_it_is_used_with_the_keyboard(everything: ScanResult, visit: Visit, tmp_path: Path) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        await page.run("document.querySelector('#list summary').focus()")
        await page.press("Enter", 13, "\r")
        await page.run(QUIET)
        body = await page.run("document.querySelector('#list .body').textContent")
        assert "az role assignment create --role 'Azure Migrate Expert'" in body
        assert "can lose something" in body
        assert await page.run("document.activeElement.tagName") == "SUMMARY"


async def test_tab_leads_through_the_page_in_its_order_and_the_focus_is_seen(
    everything: ScanResult, visit: Visit, tmp_path: Path
) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        await page.look(width=1280, height=800)
        passed: list[str] = []
        for _ in range(32):
            await page.press("Tab", 9)
            held = "document.activeElement"
            passed.append(await page.run(f"{held}.id || {held}.getAttribute('href') || {held}.value || {held}.tagName"))
            outlined = await page.run(f"getComputedStyle({held}).outlineStyle !== 'none'")
            in_a_box = await page.run(f"{held}.closest('svg') !== null")
            assert outlined or in_a_box, passed[-1]
        assert passed[:5] == ["#findings", "#summary", "#findings", "#map", "#coverage"]
        rest = passed[passed.index("query") :]
        assert rest[:7] == ["query", "kind", "project", "subscription", "grouping", "clear", "fail"]
        assert rest.index("SUMMARY") > rest.index("info")


async def test_escape_clears_the_search_and_nothing_else(everything: ScanResult, visit: Visit, tmp_path: Path) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        await page.run("document.querySelector('input[value=pass]').click()")
        await page.run("document.getElementById('query').focus()")
        await page.call("Input.insertText", text="alex")
        await page.run(QUIET)
        assert await page.run(STATUS) == "1 of 5 findings"
        await page.press("Escape", 27)
        await page.run(QUIET)
        assert await page.run(STATUS) == "4 of 5 findings"
        assert await page.run("document.activeElement.id") == "query"


async def test_a_screen_reader_gets_landmarks_and_a_name_for_everything_it_can_use(
    everything: ScanResult, visit: Visit, tmp_path: Path
) -> None:
    usable = {"link", "button", "checkbox", "searchbox", "combobox", "DisclosureTriangle"}
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        await page.call("Accessibility.enable")
        nodes = (await page.call("Accessibility.getFullAXTree"))["nodes"]
        told = [(one["role"]["value"], one.get("name", {}).get("value", "")) for one in nodes if not one["ignored"]]
        roles = {role for role, _ in told}
        assert {"banner", "main", "navigation", "search", "contentinfo", "status", "region", "heading"} <= roles
        assert [role for role, name in told if role in usable and not name.strip()] == []
        assert ("img", "") not in told
        assert ("link", "project contoso-exit: problem") in told


async def choose(page: Tab, name: str, value: str) -> None:
    await page.run(
        f"document.getElementById('{name}').value = '{value}'; "
        f"document.getElementById('{name}').dispatchEvent(new Event('change', {{bubbles: true}}))"
    )


async def test_findings_are_grouped_and_filtered_by_project_and_subscription(
    several: ScanResult, visit: Visit, tmp_path: Path
) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, several)
        assert await page.run(GROUPS) == ["contoso-exit · Contoso Datacenter Exit", "fabrikam-exit · Fabrikam"]
        await choose(page, "grouping", "subscription")
        assert await page.run(GROUPS) == [
            "Contoso Datacenter Exit · 0d1e2c3b-4a59-4687-9b10-c0a050000001",
            "Fabrikam · 0d1e2c3b-4a59-4687-9b10-c0a050000002",
        ]
        await choose(page, "subscription", "0d1e2c3b-4a59-4687-9b10-c0a050000002")
        assert await page.run(SHOWN) == ["lee@fabrikam.com → fabrikam-exit"]
        await choose(page, "grouping", "")
        assert await page.run(GROUPS) == []
        await page.run("document.getElementById('clear').click()")
        await choose(page, "project", "0")
        assert await page.run(SHOWN) == ["adele@contoso.com → contoso-exit"]


async def test_projects_of_one_name_are_told_apart(several: ScanResult, visit: Visit, tmp_path: Path) -> None:
    """Also one whose name reads like two projects, beside a thing that belongs to these two."""
    one, other = several.findings
    at = "/subscriptions/{}/resourceGroups/rg-{}/providers/Microsoft.Migrate/migrateProjects/{}"
    first, second = "0d1e2c3b-4a59-4687-9b10-c0a050000001", "0d1e2c3b-4a59-4687-9b10-c0a050000002"
    named = [(first, "a", "exit"), (first, "b", "exit"), (second, "a", "EXIT"), (first, "a", "x, y")]
    owners = [(OwningProject(at.format(*it), it[2]),) for it in named]
    shared = tuple(OwningProject(at.format(first, "a", name), name) for name in "xy")
    found = tuple(
        replace(
            one, subject=replace(one.subject, id=f"{number}@{first}", name=f"s{number}", at=at.format(*it), projects=of)
        )
        for number, (it, of) in enumerate(zip([*named, named[3]], [*owners, shared], strict=True))
    )
    async with tab(tmp_path / "profile") as page:
        await visit(page, replace(several, findings=(*found, other)))
        options = "[...document.querySelectorAll('#project option')].map((one) => [one.value, one.textContent])"
        told = await page.run(options)
        assert [label for _, label in told] == [
            *(
                "all",
                "exit (rg-a, Contoso Datacenter Exit)",
                "EXIT (rg-a, Fabrikam)",
                "exit (rg-b, Contoso Datacenter Exit)",
            ),
            *("fabrikam-exit", "x", "x, y", "y"),
        ]
        for value, name in (("0", ["s0"]), ("1", ["s2"]), ("2", ["s1"]), ("4", ["s4"]), ("5", ["s3"])):
            await choose(page, "project", value)
            assert await page.run(SHOWN) == name
        await choose(page, "project", "")
        assert len(await page.run(GROUPS)) == 6


async def test_the_search_finds_the_name_of_a_subscription_and_a_finding_says_where_it_is(
    several: ScanResult, visit: Visit, tmp_path: Path
) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, several)
        await search(page, "fabrikam 60052")
        assert await page.run(SHOWN) == ["lee@fabrikam.com → fabrikam-exit"]
        await page.run("document.querySelector('#list details').open = true")
        await page.run(QUIET)
        told = await page.run("[...document.querySelectorAll('#list .place dd')].map((one) => one.textContent)")
        assert told == [
            "Fabrikam 0d1e2c3b-4a59-4687-9b10-c0a050000002",
            "rg-migrate",
            "fabrikam-exit",
            "lee@fabrikam.com (a5e70009-0000-4000-8000-c0a050000009)",
        ]
        links = await page.run("[...document.querySelectorAll('#list .links a')].map((one) => [one.href, one.rel])")
        assert [rel for _, rel in links] == ["noopener noreferrer"] * len(links)
        assert links[0][0].startswith("https://portal.azure.com/#@72c0a7b1")


async def test_a_fix_leads_to_what_it_cures(several: ScanResult, visit: Visit, tmp_path: Path) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, several)
        await page.run("document.querySelector('.do details').open = true")
        await page.run("document.querySelector('.do a').click()")
        assert await page.run(SHOWN) == ["adele@contoso.com → contoso-exit"]


async def test_without_a_script_the_findings_are_a_table(several: ScanResult, visit: Visit, tmp_path: Path) -> None:
    async with tab(tmp_path / "profile") as page:
        await page.call("Emulation.setScriptExecutionDisabled", value=True)
        await visit(page, several)
        text = (await page.call("DOM.getDocument", depth=-1))["root"]
        shown = str(text)
        assert "JavaScript is off: here" in shown
        assert shown.count("cannot register with") >= 2


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_sticks_out(everything: ScanResult, visit: Visit, tmp_path: Path, width: int) -> None:
    """Not even names without a blank, or of nothing but quotes, and not what a reader chooses from."""
    one = everything.findings[0]
    endless = ("[" * 3_000, "`" * 500)
    owners = [OwningProject(f"{one.subject.id.partition('@')[2]}{name}", name) for name in endless]
    found = [
        replace(one, message=name, subject=replace(one.subject, id=f"{number}@x", name=name, projects=(owner,)))
        for number, (name, owner) in enumerate(zip(endless, owners, strict=True))
    ]
    titles = dict.fromkeys(everything.titles, endless[0])
    async with tab(tmp_path / "profile") as page:
        await visit(page, replace(everything, findings=(*everything.findings, *found), titles=titles))
        await page.look(width=width, height=800, phone=width < 600)
        await page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        await page.run(QUIET)
        assert await page.run("document.documentElement.scrollWidth") <= width


async def test_hostile_names_stay_text(
    hostile: Callable[[str], ScanResult], everything: ScanResult, visit: Visit, tmp_path: Path
) -> None:
    findings = tuple(finding for name in (*NAMES, "x" * 5_000_000) for finding in hostile(name).findings)
    async with tab(tmp_path / "profile") as page:
        await visit(page, replace(hostile('"><img src=x onerror=alert(1)>'), findings=findings))
        for _ in range(2):
            await page.run("document.getElementById('more').click()")
        await page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        await page.run(QUIET)
        assert await page.run(CARDS) == len(findings)
        assert await page.run("document.querySelectorAll('img, iframe, #list script, #list form').length") == 0
        links = await page.run("[...document.querySelectorAll('#list a')].map((one) => one.href)")
        assert all(one.startswith(("https://portal.azure.com/", "https://learn.microsoft.com/")) for one in links)
        assert "</script><script>alert(1)</script>" in await page.run(SHOWN)
        assert page.logged == []
        assert len(page.requests) == 1


async def test_ten_thousand_findings_open_page_by_page(everything: ScanResult, visit: Visit, tmp_path: Path) -> None:
    one = everything.findings[0]
    many = tuple(
        replace(one, subject=replace(one.subject, id=f"{number:05}@x", name=f"account-{number:05}"))
        for number in range(10_000)
    )
    async with tab(tmp_path / "profile") as page:
        await visit(page, replace(everything, findings=many))
        assert await page.run(CARDS) == 50
        await search(page, "account-09999")
        assert await page.run(SHOWN) == ["account-09999"]


async def test_print_shows_what_is_filtered_with_all_of_it(
    everything: ScanResult, visit: Visit, tmp_path: Path
) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        await page.run("dispatchEvent(new Event('beforeprint'))")
        assert await page.run("document.querySelectorAll('#list details[open] .body').length") == 3
        await page.run("dispatchEvent(new Event('afterprint'))")
        assert await page.run("document.querySelectorAll('#list details[open]').length") == 0


async def test_it_prints(everything: ScanResult, visit: Visit, tmp_path: Path) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        await page.look(width=1280, height=800, dark=True)
        await page.call("Emulation.setEmulatedMedia", media="print")
        assert await page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert await page.run("getComputedStyle(document.querySelector('form')).display") == "none"
        await page.call("Emulation.setEmulatedMedia", media="")
        assert (await page.printed()).startswith(b"%PDF-")
        assert page.logged == []


async def test_the_map_in_words_leads_to_the_findings(everything: ScanResult, visit: Visit, tmp_path: Path) -> None:
    async with tab(tmp_path / "profile") as page:
        await visit(page, everything)
        await page.run("document.querySelector('.words').open = true")
        told = await page.run("[...document.querySelectorAll('.words tbody tr')].map((one) => one.textContent)")
        assert "vaultcontosovm01kvno verdict; gone or not read" in told
        await page.run(
            "[...document.querySelectorAll('.words a')].find((one) => one.textContent === 'contoso-pilot-ws').click()"
        )
        assert await page.run(SHOWN) == ["contoso-pilot-ws"]
