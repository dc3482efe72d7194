"""Each format, read by a parser that is not ours: what it says of all findings together, and what of each."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO, StringIO
from typing import Any

import html5lib
from junitparser import JUnitXml, Properties
from markdown_it import MarkdownIt
from openpyxl import load_workbook

from auditor.report.formats import csv_report, json_report, jsonl_report, junit, markdown, ocsf, sarif, xlsx_report
from auditor.report.html import page
from auditor.report.result import ScanResult


@dataclass(frozen=True)
class ParsedFormat:
    """What a format says: `shared` of everything, and a text for each finding."""

    shared: str
    findings: tuple[str, ...]

    @cached_property
    def whole(self) -> str:
        """What it says of all findings together, bare."""
        return bare(self.shared)

    @cached_property
    def _each(self) -> list[str]:
        return [bare(one) for one in self.findings]

    def of(self, rule: str, *names: str) -> str:
        """Return what it says of the findings of a rule about something with one of these names, bare."""
        wanted, named = bare(rule), [bare(name) for name in names]
        return self.whole + "".join(one for one in self._each if wanted in one and any(name in one for name in named))


def bare(text: str) -> str:
    """Return a text without blanks and backquotes, in lower case, so that layout and mark-up do not matter."""
    return "".join(text.replace("`", "").split()).lower()


def leaves(value: Any) -> Iterator[str]:
    """Yield every text and number in a JSON value; a text after its name."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield from (f"{name} {one}" if isinstance(held, str) else one for one in leaves(held))
    elif isinstance(value, list):
        for held in value:
            yield from leaves(held)
    elif value is not None:
        yield str(value)


def text(value: Any) -> str:
    """Return all texts of a JSON value."""
    return "\n".join(leaves(value))


def _csv(made: ScanResult) -> ParsedFormat:
    rows = csv.reader(StringIO(csv_report.render(made, all_verdicts=True), newline=""), strict=True)
    header, *found = rows
    return ParsedFormat("", tuple(_named(header, row) for row in found))


def _named(header: Iterable[object], row: Iterable[object]) -> str:
    return "\n".join(f"{name} {cell}" for name, cell in zip(header, row, strict=True) if cell is not None)


def _json(made: ScanResult) -> ParsedFormat:
    held = json.loads(json_report.render(made, all_verdicts=True))
    return ParsedFormat(text({**held, "findings": []}), tuple(map(text, held["findings"])))


def _jsonl(made: ScanResult) -> ParsedFormat:
    lines = [json.loads(line) for line in jsonl_report.render(made, all_verdicts=True).splitlines()]
    others = [line for line in lines if line["type"] != "finding"]
    return ParsedFormat(text(others), tuple(text(line) for line in lines if line["type"] == "finding"))


def _xlsx(made: ScanResult) -> ParsedFormat:
    stream = BytesIO()
    xlsx_report.write(made, stream, all_verdicts=True)
    book = load_workbook(stream)

    def rows(sheet: Any) -> Iterator[str]:
        header, *found = sheet.iter_rows()
        for row in found:
            links = [cell.hyperlink for cell in row if cell.hyperlink is not None]
            addresses = (f"{one.target}#{one.location}" if one.location else one.target for one in links)
            yield "\n".join([_named((cell.value for cell in header), (cell.value for cell in row)), *addresses])

    others = (row for sheet in book if sheet.title != "Findings" for row in rows(sheet))
    return ParsedFormat("\n".join(others), tuple(rows(book["Findings"])))


def _sarif(made: ScanResult) -> ParsedFormat:
    [run] = json.loads(sarif.render(made, all_verdicts=True))["runs"]
    rules = run["tool"]["driver"]["rules"]
    results = (text([one, rules[one["ruleIndex"]]]) for one in run["results"])
    others = text({**run, "results": [], "tool": {}})
    return ParsedFormat(_unescaped(others), tuple(map(_unescaped, results)))


def _unescaped(message: str) -> str:
    return message.replace("\\[", "[").replace("\\]", "]")


def _junit(made: ScanResult) -> ParsedFormat:
    read = JUnitXml.fromstring(junit.render(made).encode())
    cases = []
    for suite in read:
        for case in suite:
            properties = [f"{one.name} {one.value}" for one in case.child(Properties) or ()]
            outcomes = [f"{one.message}\n{one.type}\n{one.text}" for one in case.result]
            cases.append("\n".join([str(case.name), str(case.classname), *properties, *outcomes]))
    return ParsedFormat("", tuple(cases))


def _ocsf(made: ScanResult) -> ParsedFormat:
    return ParsedFormat("", tuple(map(text, json.loads(ocsf.render(made, all_verdicts=True)))))


def _markdown(made: ScanResult) -> ParsedFormat:
    """An item of the outermost list is a finding, with the heading above it and the line below that."""
    shared, found, depth, heading = [], list[str](), 0, list[str]()
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(markdown.render(made, all_verdicts=True)):
        parts = token.children or [token]
        words = "".join(one.content for one in parts) + "".join(str(one.attrGet("href") or "") for one in parts)
        if token.type == "heading_open":
            heading = []
        is_coverage = any("Coverage" in one for one in heading)
        depth += token.nesting if token.type.startswith("list_item") and not is_coverage else 0
        if token.type == "list_item_open" and depth == 1 and not is_coverage:
            found.append("\n".join(heading))
        if depth:
            found[-1] += f"\n{words}"
        else:
            heading.append(words)
            shared.append(words)
    return ParsedFormat("\n".join(shared), tuple(found))


def _html(made: ScanResult) -> ParsedFormat:
    document = html5lib.parse(page.render(made, all_verdicts=True), namespaceHTMLElements=False)
    [script] = [one for one in document.iter() if one.get("id") == "data"]
    held = json.loads(script.text or "")
    found = tuple(
        text(
            [
                one,
                held["places"][one["place"]],
                *(held["projects"][number] for number in held["places"][one["place"]][3]),
                held["rules"][one["rule"]],
                *(held["gaps"][number] for number in one["gaps"]),
            ]
        )
        for one in held["findings"]
    )
    script.text = ""
    return ParsedFormat("\n".join(document.itertext()), found)


PARSED: dict[str, Callable[[ScanResult], ParsedFormat]] = {
    "html": _html,
    "markdown": _markdown,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "xlsx": _xlsx,
    "sarif": _sarif,
    "junit": _junit,
    "ocsf": _ocsf,
}
"""The parser of each format."""
