"""The page: HTML as a parser that is not ours reads it, self-contained, the same elements whatever names there are."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import html5lib
import pytest
from hypothesis import assume, given

from auditor.report.html.page import render
from auditor.report.result import ScanResult
from auditor.shells import CommandShell
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE, NAMES
from tests.sampling import examples

NAMESPACE = re.compile(r"\{.*\}")
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def parsed(page: str) -> Any:
    """The document; any parse error is a failure."""
    return html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree")).parse(page)


def elements(document: Any) -> Counter[str]:
    """The elements, without the code into which text in backquotes is made."""
    every = Counter(NAMESPACE.sub("", one.tag) for one in document.iter() if isinstance(one.tag, str))
    del every["code"]
    return every


def data_of(document: Any) -> Any:
    [script] = [one for one in document.iter() if one.get("id") == "data"]
    return json.loads(script.text)


def test_golden(everything: ScanResult) -> None:
    page = render(everything, all_verdicts=True)
    page = re.sub(r"(<(style|script)>).*?(</\2>)", r"\1\3", page, flags=re.DOTALL)
    check_golden("scan.html", re.sub(r"sha256-[^']+", "sha256-", page))


def test_it_fetches_nothing(everything: ScanResult) -> None:
    page = render(everything, all_verdicts=True)
    linked = [one.get(name) for one in parsed(page).iter() for name in ("src", "href", "action") if one.get(name)]
    assert all(link.startswith(("#", "data:,")) for link in linked)
    assert "default-src 'none'" in page
    assert "@import" not in page
    assert "url(" not in page


def test_findings_are_in_its_data(everything: ScanResult) -> None:
    held = data_of(parsed(render(everything)))
    assert [(one["verdict"], one["name"]) for one in held["findings"]] == [
        ("fail", "adele@contoso.com → contoso-exit"),
        ("fail", "alex@contoso.com → contoso-exit"),
        ("unknown", "contoso-pilot-ws"),
    ]
    assert held["gaps"][held["findings"][2]["gaps"][0]][2] == "403 AuthorizationFailed"
    assert len(data_of(parsed(render(everything, all_verdicts=True)))["findings"]) == 5


def test_first_comes_what_cures_most(everything: ScanResult) -> None:
    document = parsed(render(everything))
    [first] = [one for one in document.iter() if one.get("class") == "do"]
    told = ["".join(one.itertext()) for one in first]
    assert len(told) == 2
    assert "cures 1 finding: adele@contoso.com → contoso-exit" in " ".join(told[0].split())
    assert "az role assignment create --role 'Azure Migrate Expert'" in told[0]


def test_each_project_and_subscription_can_be_chosen(several: ScanResult) -> None:
    document = parsed(render(several))
    chosen = {
        one.get("id"): [(it.get("value"), it.text) for it in one]
        for one in document.iter()
        if NAMESPACE.sub("", str(one.tag)) == "select"
    }
    assert chosen["project"] == [("", "all"), ("0", "contoso-exit"), ("1", "fabrikam-exit")]
    assert chosen["subscription"][1:] == [
        ("0d1e2c3b-4a59-4687-9b10-c0a050000001", "Contoso Datacenter Exit"),
        ("0d1e2c3b-4a59-4687-9b10-c0a050000002", "Fabrikam"),
    ]


def test_places_and_rules_are_in_the_data_once(several: ScanResult) -> None:
    twice = replace(several, findings=(*several.findings, *several.findings))
    held = data_of(parsed(render(twice)))
    assert len(held["findings"]) == 4
    assert [one[:4] for one in held["places"]] == [
        ["Contoso Datacenter Exit", "0d1e2c3b-4a59-4687-9b10-c0a050000001", "rg-migrate", [0]],
        ["Fabrikam", "0d1e2c3b-4a59-4687-9b10-c0a050000002", "rg-migrate", [1]],
    ]
    assert held["projects"] == ["contoso-exit", "fabrikam-exit"]
    assert held["findings"][0]["portal"].startswith("https://portal.azure.com/#@")
    assert held["rules"]["account-cannot-register"].startswith("https://")


def test_every_control_has_a_label_and_every_picture_words(everything: ScanResult) -> None:
    document = parsed(render(everything))
    tags = [(NAMESPACE.sub("", one.tag), one) for one in document.iter() if isinstance(one.tag, str)]
    targets = {one.get("for") for tag, one in tags if tag == "label"}
    boxed = {id(below) for tag, one in tags if tag == "label" for below in one.iter()}
    controls = [one for tag, one in tags if tag in {"input", "select"}]
    assert controls
    assert all(one.get("id") in targets or id(one) in boxed for one in controls)
    assert all(one.get("aria-label") for tag, one in tags if tag == "a" and "box" in (one.get("class") or ""))
    headings = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))


def test_nothing_wrong_and_nothing_to_draw(spotless: ScanResult) -> None:
    page = render(spotless)
    assert "No problem found." in page
    assert "nothing that was asked for was left unread" in page
    assert "There is no project, appliance or workspace to draw." in page


def in_bash(result: ScanResult) -> ScanResult:
    """The result with commands in one form: for a name that Bash and PowerShell quote apart there are two."""
    return replace(result, shells=(CommandShell.BASH,))


@pytest.fixture(scope="module")
def calm(hostile: Callable[[str], ScanResult]) -> Counter[str]:
    """The elements of a page on which nothing is called anything special."""
    return elements(parsed(render(in_bash(hostile("calm")))))


@pytest.mark.parametrize("name", NAMES)
def test_no_name_makes_an_element(name: str, hostile: Callable[[str], ScanResult], calm: Counter[str]) -> None:
    assert elements(parsed(render(in_bash(hostile(name))))) == calm


@examples(10)
@given(HOSTILE)
def test_whatever_things_are_called_the_page_is_the_same(
    hostile: Callable[[str], ScanResult], calm: Counter[str], name: str
) -> None:
    assume(name.split())
    page = render(in_bash(hostile(name)))
    document = parsed(page)
    assert elements(document) == calm
    assert not STEERING.search(page)
    assert data_of(document)["findings"][0]["kind"] == "registration"
