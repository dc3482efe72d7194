"""The reports of a fleet run: golden files, three outcomes in every format, and inert whatever tenants are called."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from auditor.report.fleet import machine, markdown, page, screen
from auditor.report.fleet.failures import not_read
from auditor.report.fleet.result import NOT_READ, FleetResult, TenantOutcome
from auditor.report.formats.level_of_detail import FITS
from auditor.report.result import ScanResult
from auditor.report.terminal.style import TableStyle
from tests.report.formats.test_markdown import active, kinds
from tests.report.formats.test_sarif import validator
from tests.report.golden_file import FOLDER, check_golden
from tests.report.hostile_names import HOSTILE
from tests.report.html.chromium import find_chromium, tab
from tests.report.html.test_page import elements, parsed
from tests.report.steering import STEERING
from tests.sampling import examples

SCHEMAS = FOLDER.parents[2] / "docs" / "schemas"
ERROR = (
    "could not sign in\n  EnvironmentCredential: AADSTS7000222 the client secret has expired\n"
    "the client secret has expired: create a new one and set AZURE_CLIENT_SECRET"
)
FORMS: dict[str, Callable[[FleetResult], str]] = {
    "table": partial(screen.render, style=TableStyle(width=80)),
    "json": partial(machine.as_json, all_verdicts=True),
    "jsonl": partial(machine.as_json_lines, all_verdicts=True),
    "csv": partial(machine.as_csv, all_verdicts=True),
    "sarif": partial(machine.as_sarif, all_verdicts=True),
    "markdown": partial(markdown.render, all_verdicts=True),
    "html": partial(page.render, all_verdicts=True),
}
FILES = {"table": "fleet-80.txt", "markdown": "fleet.md", "csv": "fleet.csv", "html": "fleet.html"}


@pytest.fixture(scope="session")
def fleet(everything: ScanResult, spotless: ScanResult) -> FleetResult:
    return FleetResult(
        "migaudit 0.1.0",
        (
            TenantOutcome("Contoso", everything),
            TenantOutcome("Northwind", error=ERROR),
            TenantOutcome("Fabrikam", spotless),
        ),
    )


@pytest.mark.parametrize("form", FILES)
def test_golden(form: str, fleet: FleetResult) -> None:
    text = FORMS[form](fleet)
    if form == "html":
        text = re.sub(r"(<(style|script)>).*?(</\2>)", r"\1\3", text, flags=re.DOTALL)
        text = re.sub(r"'sha256-[^']*'", "'sha256-'", text)
    check_golden(FILES[form], text)


def test_the_last_screen_is_one_row_a_tenant(fleet: FleetResult) -> None:
    lines = FORMS["table"](fleet).splitlines()
    last = lines[-13:]
    assert any(re.match(r"\s+0\s+2\s+0\s+0\s+0\s+1\s+2\s+Contoso", line) for line in last)
    assert any(re.match(r"\s+failed\s+Northwind", line) for line in last)
    assert "2 of 3 tenants read · 1 failed" in last


@pytest.mark.parametrize(("form", "name"), [("json", "fleet"), ("jsonl", "fleet-lines")])
def test_json_keeps_to_its_schema(form: str, name: str, fleet: FleetResult) -> None:
    schemas = [json.loads(file.read_text()) for file in SCHEMAS.glob("*.json")]
    known: Registry[Any] = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas)
    [schema] = [one for one in schemas if one["$id"] == f"migaudit/{name}/1"]
    Draft202012Validator.check_schema(schema)
    text = FORMS[form](fleet)
    for document in [text] if form == "json" else text.splitlines():
        Draft202012Validator(schema, registry=known).validate(json.loads(document))


@pytest.mark.parametrize("form", [form for form in FORMS if form != "json"])
def test_an_error_stands_once(form: str, fleet: FleetResult) -> None:
    for line in ("AADSTS7000222 the client secret has expired", "create a new one and set"):
        assert len(re.findall(line, FORMS[form](fleet))) == 1


def test_sums_are_over_the_tenants_that_were_read(fleet: FleetResult) -> None:
    assert json.loads(FORMS["json"](fleet))["summary"] == {
        "done": 2,
        "failed": 1,
        "verdicts": {"fail": 2, "unknown": 1, "pass": 2, "not_applicable": 1},
        "severities": {"critical": 0, "high": 2, "medium": 0, "low": 0, "info": 0},
    }


def test_a_tenant_that_failed_is_a_row_and_a_run_that_was_not_successful(fleet: FleetResult) -> None:
    rows = list(csv.DictReader(StringIO(FORMS["csv"](fleet), newline="")))
    assert [(row["rule"], row["verdict"]) for row in rows if row["tenant"] == "Northwind"] == [(NOT_READ, "unknown")]
    assert Counter(row["tenant"] for row in rows) == {"Contoso": 5, "Northwind": 1, "Fabrikam": 1}
    log = json.loads(FORMS["sarif"](fleet))
    validator().validate(log)
    assert [run["automationDetails"]["id"] for run in log["runs"]] == [
        f"migaudit/{name}/" for name in ("Contoso", "Northwind", "Fabrikam")
    ]
    assert [run["invocations"][0]["executionSuccessful"] for run in log["runs"]] == [True, False, True]


def test_the_page_is_one_document_whose_parts_do_not_meet(fleet: FleetResult) -> None:
    document = parsed(FORMS["html"](fleet))
    ids = [one.get("id") for one in document.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    targets = [one.get("href")[1:] for one in document.iter() if (one.get("href") or "").startswith("#")]
    targets += [one.get("aria-labelledby") for one in document.iter() if one.get("aria-labelledby")]
    targets += [one.get("for") for one in document.iter() if one.get("for")]
    assert set(targets) <= set(ids)
    levels = [
        int(tag[-1]) for one in document.iter() if re.fullmatch(r"h[1-6]", tag := str(one.tag).rpartition("}")[2])
    ]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def named(text: str, hostile: Callable[[str], ScanResult]) -> FleetResult:
    return FleetResult(
        "migaudit 0.1.0", (TenantOutcome(text, hostile(text)), TenantOutcome(text, error=f"{text}\n{text}"))
    )


@pytest.mark.parametrize("form", FORMS)
def test_no_name_steers(form: str, hostile: Callable[[str], ScanResult]) -> None:
    calm = FORMS[form](named("calm", hostile))

    @examples(15)
    @given(HOSTILE)
    def law(name: str) -> None:
        text = FORMS[form](named(name, hostile))
        assert not STEERING.search(text.replace("\r\n", "\n"))
        if form == "html":
            assert elements(parsed(text)).keys() == elements(parsed(calm)).keys()
        if form == "markdown":
            assert not active(text)
            assert kinds(text).count("heading_open") == kinds(calm).count("heading_open")

    law()


def test_whatever_the_number_of_tenants_markdown_fits_into_a_ticket(everything: ScanResult) -> None:
    for count in (1, 30, 400):
        many = FleetResult("migaudit 0.1.0", tuple(TenantOutcome(f"t{number}", everything) for number in range(count)))
        text = FORMS["markdown"](many)
        assert len(text) <= FITS
        assert all(f"| `t{number}` |" in text for number in range(count))
        listed = text.count("\n- high: ") + text.count("\n- unknown: ")
        left_out = sum(int(one.replace(",", "")) for one in re.findall(r"\n([\d,]+) more findings? and what to", text))
        assert count < 400 or (left_out > 0 and len(text) > FITS * 0.98 and listed + left_out == 3 * count)


def test_whatever_the_number_and_the_names_markdown_counts_what_it_cuts(everything: ScanResult) -> None:
    names = [f"{'|' * 199}{number}" for number in range(1_000)]
    text = FORMS["markdown"](FleetResult("migaudit 0.1.0", tuple(TenantOutcome(one, everything) for one in names)))
    assert len(text) <= FITS
    rows = sum(line.startswith("| `") for line in text.splitlines())
    assert (
        f"{1_000 - rows:,} more tenants were read, no worse than those above ({2 * (1_000 - rows):,} problems)" in text
    )
    assert rows > 50


@pytest.mark.parametrize("form", ["markdown", "table"])
def test_a_thousand_tenants_that_fail_alike_are_one_error(form: str, everything: ScanResult) -> None:
    def error(number: int) -> str:
        return (
            f"fleet.yaml:{number}:10: T{number}_AZURE_CLIENT_ID is not set in this process, which signs in\n"
            "set it there; the file names the prefix alone"
        )

    failed = [TenantOutcome(f"t{number}", error=error(number)) for number in range(1_000)]
    other = TenantOutcome("other", error="no such subscription: `x`")
    text = FORMS[form](FleetResult("migaudit 0.1.0", (other, *failed, TenantOutcome("read", everything))))
    assert text.count("the prefix alone") == 1
    assert "and 990 more" in text
    assert "the other 999 fail alike" in re.sub(r"\s+", " ", text)
    assert text.index("the prefix alone") < text.index("no such subscription")
    if form == "markdown":
        assert len(text) < FITS
        assert "**1,000 tenants**" in text
        different = [
            TenantOutcome(f"t{number}", error=f"{'x' * (number + 1)} {'y' * 3000}\n" * 30) for number in range(40)
        ]
        text = FORMS[form](FleetResult("migaudit 0.1.0", tuple(different)))
        assert len(text) <= FITS
        assert "more kinds of failures in" in text


def test_who_was_not_read_is_said_in_a_sentence(fleet: FleetResult) -> None:
    assert not_read(fleet) == "1 of 3 tenants was not read: `Northwind`; the result says why"
    many = FleetResult("migaudit 0.1.0", tuple(TenantOutcome(f"t{number}\x1b", error="x") for number in range(7)))
    assert not_read(many).startswith("7 of 7 tenants were not read: `t0\\u{1b}`, ")
    assert not_read(many).endswith("`t4\\u{1b}` and 2 more; the result says why")
    assert not_read(FleetResult("migaudit 0.1.0", fleet.done)) == ""


@pytest.mark.browser
@pytest.mark.skipif(find_chromium() is None, reason="no Chromium here; Debian has it as the package `chromium`")
async def test_the_filters_of_one_tenant_leave_the_others_alone(
    fleet: FleetResult, everything: ScanResult, tmp_path: Path
) -> None:
    two = FleetResult(fleet.tool, (*fleet.tenants, TenantOutcome("Again", everything)))
    file = tmp_path / "fleet.html"
    file.write_text(FORMS["html"](two), encoding="utf-8")
    async with tab(tmp_path / "profile") as opened:
        await opened.open(file)
        assert (opened.requests, opened.logged) == ([file.as_uri()], [])
        told = [f"document.getElementById('t{number}-shown').textContent" for number in (1, 4)]
        assert [await opened.run(one) for one in told] == ["3 of 5 findings"] * 2
        await opened.run("document.querySelector('#t4-findings input[value=pass]').click()")
        assert [await opened.run(one) for one in told] == ["3 of 5 findings", "4 of 5 findings"]
        await opened.run("document.querySelector('#t1-summary .first [data-rule]').click()")
        assert await opened.run(told[0]) == "2 of 5 findings · only the rule account-cannot-register"
        assert await opened.run(told[1]) == "4 of 5 findings"
