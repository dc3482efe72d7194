"""The table of what each format holds, as the documentation has it, against what parsers find in each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.audit.findings import Finding, SubjectRef, Verdict
from auditor.cli.formats import FORMATS, TABLE, Output
from auditor.cli.options import ConnectionOptions
from auditor.cli.rules.choice import chosen_rules
from auditor.cli.scan.options import ScanOptions
from auditor.cli.scan.run import judged
from auditor.data import fixtures_dir
from auditor.facts.subject import EVERYWHERE
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.report.formats import level_of_detail
from auditor.report.place import Place, Places
from auditor.report.result import ScanResult, fingerprint
from tests.report.accepted_result import WORDS
from tests.report.parsed_formats import PARSED, ParsedFormat, bare

PAGE = Path(__file__).parents[2] / "docs" / "reports.md"
HELD, NOT_HELD = "yes", "–"

Names = Callable[[Finding], tuple[str, ...]]
Values = Callable[[Finding, Place], Iterable[str]]

OF_FINDINGS: dict[str, Values] = {
    "rule and message": lambda one, _: (one.rule, one.message),
    "title": lambda one, _: (one.title,),
    "severity": lambda one, _: (one.severity.value,),
    "confidence": lambda one, _: (f"confidence {one.confidence.value}",),
    "errors": lambda one, _: one.errors,
    "subject: name and id": lambda one, _: (one.subject.name, one.subject.id),
    "tenant: name and id": lambda _, where: (where.tenant.name, where.tenant.id),
    "subscription: name": lambda _, where: (where.subscription.name,),
    "subscription: id": lambda _, where: (where.subscription.id,),
    "resource group": lambda _, where: (where.resource_group,),
    "region": lambda _, where: (where.location,),
    "project": lambda _, where: (one.name for one in where.projects),
    "account": lambda _, where: (where.account.name, where.account.id),
    "link to the portal": lambda _, where: (where.portal,),
    "link to the rule's page": lambda _, where: (where.rule_link,),
    "evidence": lambda one, _: (text for item in one.evidence for text in (item.id, item.note)),
    "what was not read for it": lambda one, _: (
        gap.what for gap in one.gaps if not gap.is_undecidable and one.verdict is Verdict.UNKNOWN
    ),
    "fixes: title and effect": lambda one, _: (text for fix in one.fixes for text in (fix.title, fix.changes)),
    "fixes: steps in the portal": lambda one, _: (step for fix in one.fixes for step in fix.portal),
    "fixes: commands": lambda one, _: (fix.az for fix in one.fixes if fix.az),
    "who suppressed it, why": lambda one, _: (one.suppressed.reason, one.suppressed.owner) if one.suppressed else (),
    "fingerprint": lambda one, _: (fingerprint(one),),
}
"""Kinds of information about findings, each with its values."""

FINDINGS: dict[str, Callable[[Finding], bool]] = {
    "problems": lambda one: one.is_problem,
    "notes (severity info)": lambda one: one.is_note,
    "unknown verdicts": lambda one: one.verdict is Verdict.UNKNOWN,
    "what may be there unseen": lambda one: one.subject.id == EVERYWHERE,
    "what passes or does not apply, with `--all-verdicts`": lambda one: (
        one.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}
    ),
}
"""Kinds of findings, by which of them they are; the names of their subjects are looked for."""


def of_result(made: ScanResult) -> Iterator[tuple[str, list[str]]]:
    """Yield the kinds of information about the whole result, each with its values."""
    yield "conclusion", [str(len(made.problems)), str(len(made.notes))]
    yield "lists that were not read, with what cures it", [gap.cure or gap.what for gap in made.coverage.gaps]
    yield "lists that were read", [read.what for read in made.coverage.reads]
    yield "resources and their projects", [one.name for one in made.landscape.places]
    assert made.left_behind
    yield (
        "left-overs, with what their price depends on",
        [text for one in made.left_behind for text in (one.name, one.costs) if "price depends on" in one.costs],
    )


@pytest.fixture(scope="module")
def made() -> ScanResult:
    """The embedded environment; somebody answers for its first problem."""
    path = fixtures_dir() / "contoso.yaml"
    forms = (Output("html"), Output("xlsx"), Output("junit"))
    asked = ScanOptions(snapshot=path, form=forms, all_verdicts=True, connection=ConnectionOptions())
    result = judged(chosen_rules(), Inventory.of(load(path)), asked)
    first, *others = (one for one in result.findings if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN})
    hidden = next(one for one in others if one.verdict is Verdict.UNKNOWN)
    unseen = replace(hidden, subject=SubjectRef("workspace", EVERYWHERE, "workspaces that were not seen"))
    settled = [one for one in result.findings if one.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}]
    return replace(
        result, findings=(replace(first, suppressed=WORDS), *others, unseen, *settled[:: len(settled) // 20])
    )


@pytest.fixture(scope="module")
def measured(made: ScanResult) -> dict[str, dict[str, str]]:
    """What each format holds, by kind of information and format; Markdown as if everything fitted into a ticket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(level_of_detail, "FITS", 10**9)
        read = {form: parse(made) for form, parse in PARSED.items()}
    places = Places(made)
    of_each = [(one, places.of(one)) for one in made.findings if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN}]
    table: dict[str, dict[str, str]] = {}
    for kind, belongs in FINDINGS.items():
        chosen = [one for one in made.findings if belongs(one)]
        assert chosen, kind
        table[kind] = {form: _share(_names(it, chosen)) for form, it in read.items()}
    for kind, values in OF_FINDINGS.items():
        wanted = [(one, [bare(text) for text in values(one, place) if text]) for one, place in of_each]
        assert any(texts for _, texts in wanted), kind
        names = _of_rule if kind.startswith("fixes") else _of_subject
        table[kind] = {form: _share(_values(it, wanted, names)) for form, it in read.items()}
    for kind, texts in of_result(made):
        assert texts, kind
        table[kind] = {form: _share(bare(text) in it.whole for text in texts) for form, it in read.items()}
    return table


def _names(it: ParsedFormat, chosen: list[Finding]) -> Iterator[bool]:
    return (bare(one.subject.name) in it.of(one.rule, one.subject.name, one.subject.id) for one in chosen)


def _values(it: ParsedFormat, wanted: list[tuple[Finding, list[str]]], names: Names) -> Iterator[bool]:
    for one, texts in wanted:
        if texts:
            said = it.of(one.rule, *names(one))
            yield all(text in said for text in texts)


def _of_subject(one: Finding) -> tuple[str, ...]:
    return one.subject.name, one.subject.id


def _of_rule(_: Finding) -> tuple[str, ...]:
    """Return what every finding of the rule has: a fix that several share may be written once."""
    return ("",)


def _share(held: Iterable[bool]) -> str:
    return HELD if all(held) else NOT_HELD


def test_the_documentation_says_what_each_format_holds(measured: dict[str, dict[str, str]]) -> None:
    assert documented() == measured, "\n" + as_markdown(measured)


def test_no_subject_of_the_embedded_environment_is_left_out_of_a_ticket(made: ScanResult) -> None:
    said = PARSED["markdown"](made)
    for one in made.findings:
        if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN} and one.subject.id != EVERYWHERE:
            assert bare(one.subject.name) in said.of(one.rule, one.subject.name), one.rule


def test_every_format_but_the_screen_is_in_it() -> None:
    assert set(PARSED) == set(FORMATS) - {TABLE}


def as_markdown(table: dict[str, dict[str, str]]) -> str:
    rows = [f"| {kind} | {' | '.join(cells.values())} |" for kind, cells in table.items()]
    return "\n".join([f"| | {' | '.join(f'`{form}`' for form in PARSED)} |", "|---" * (len(PARSED) + 1) + "|", *rows])


def documented() -> dict[str, dict[str, str]]:
    """Return the table of the page."""
    section = PAGE.read_text(encoding="utf-8").partition("## What each format holds\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    header, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines or ["| |"])
    return {row[0]: dict(zip([one.strip("`") for one in header[1:]], row[1:], strict=True)) for row in rows}
