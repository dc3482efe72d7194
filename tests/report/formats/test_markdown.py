"""Markdown: what a parser that is not ours makes of it has our structure and nothing of a name's."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.audit.findings import Evidence, Finding, Gap
from auditor.report.formats.level_of_detail import FITS
from auditor.report.formats.markdown import render
from auditor.report.formats.markdown_text import block, code, plain
from auditor.report.result import ScanResult
from auditor.shells import CommandShell
from tests.report.conftest import DELETE, GROUP, grant
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE, NAMES
from tests.sampling import examples, sampled

PARSER = MarkdownIt("gfm-like", {"linkify": False})
ACTIVE = {"html_inline", "html_block", "link_open", "image", "s_open", "hardbreak"}


def tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def kinds(text: str) -> list[str]:
    return [token.type for token in tokens(text)]


def links(text: str) -> list[str]:
    return [str(token.attrs["href"]) for token in tokens(text) if token.type == "link_open"]


def active(text: str) -> set[str]:
    """Return the kinds of markup that a name may not make; links of ours lead to the portal."""
    foreign = [link for link in links(text) if not link.startswith("https://portal.azure.com/#@")]
    return (ACTIVE if foreign else ACTIVE - {"link_open"}) & set(kinds(text))


def words(text: str) -> str:
    return "".join(token.content for token in tokens(text) if token.type in {"text", "text_special"})


def test_golden(everything: ScanResult) -> None:
    check_golden("scan.md", render(everything, all_verdicts=True))


def test_a_command_is_a_block_that_can_be_copied(everything: ScanResult) -> None:
    fences = [token for token in tokens(render(everything)) if token.type == "fence"]
    assert [token.info for token in fences] == ["sh", "sh"]
    assert fences[0].content.startswith("az role assignment create --role 'Azure Migrate Expert'")


@sampled("rules, subjects", [(1, 53), (1, 1000), (30, 333), (400, 25)], one_in=2)
def test_whatever_there_is_fits_into_a_ticket(everything: ScanResult, rules: int, subjects: int) -> None:
    one = everything.findings[0]
    many = tuple(
        replace(one, rule=f"rule-{rule}", subject=replace(one.subject, id=f"{number}", name=f"account-{number}"))
        for rule in range(rules)
        for number in range(subjects)
    )
    text = render(replace(everything, findings=many))
    assert len(text) <= FITS
    assert f"| {rules * subjects:,} |" in text
    assert text.count("\n### ") == rules
    assert rules > 1 or subjects < 100 or len(text) > FITS * 0.98  # as many as fit
    left = re.findall(r"\n- … and ([\d,]+) more(?=\n)", text)
    listed = text.count("\n- [ ] ")
    assert listed + sum(int(one.replace(",", "")) for one in left) == rules * subjects


def many(one: Finding, subjects: int, evidence: int) -> tuple[Finding, ...]:
    seen = tuple(Evidence(f"{GROUP}/providers/x/y/{number}", "as it is") for number in range(evidence))
    return tuple(
        replace(one, subject=replace(one.subject, id=f"{number}", name=f"account-{number}"), evidence=seen)
        for number in range(subjects)
    )


@pytest.mark.parametrize(
    ("subjects", "evidence", "shown"),
    [
        (3, 12, "    - seen: `"),  # all of it
        (60, 12, "    - seen: … and 7 more"),
        (100, 12, "    - seen: 12 left out"),
        (2, 3_000, "    - seen: … and 2,995 more"),
    ],
)
def test_evidence_is_left_out_before_any_subject(
    everything: ScanResult, subjects: int, evidence: int, shown: str
) -> None:
    """What is left out is counted where it stood, and the report says so at its top."""
    text = render(replace(everything, findings=many(everything.findings[0], subjects, evidence)))
    assert text.count("\n- [ ] ") == subjects
    seen = text.count("    - seen: `") + sum(
        int(one.replace(",", "")) for one in re.findall(r"seen: (?:… and )?([\d,]+) (?:more|left out)", text)
    )
    assert seen == subjects * evidence
    assert text.count(shown) == (seen if shown.endswith("`") else subjects)
    assert ("Shortened, to fit into a ticket" in text) == (not shown.endswith("`"))


def test_portal_steps_are_left_out_beside_a_command_alone(everything: ScanResult) -> None:
    one = everything.findings[0]
    found = many(replace(one, evidence=()), 110, 0)
    each = tuple(replace(one, fixes=(grant(str(number)), DELETE)) for number, one in enumerate(found))
    text = render(replace(everything, findings=each))
    assert (text.count("\n- [ ] "), text.count("(2 portal steps left out)")) == (110, 110)
    assert "1. Open the resource group and choose Delete resource group." in text  # it has no command


def test_fixes_of_the_last_findings_are_left_out_before_any_subject(everything: ScanResult) -> None:
    one = replace(everything.findings[0], evidence=())
    found = tuple(
        replace(one, rule=f"rule-{number:03}", fixes=(grant(f"{number}"), grant(f"further {number}")))
        for number in range(85)
    )
    text = render(replace(everything, findings=found))
    assert FITS * 0.97 < len(text) <= FITS
    assert text.count("\n- [ ] ") == 85
    written, left_out = text.count("    - fix: "), text.count("    - 2 fixes left out")
    assert written + 2 * left_out == 170
    assert min(written, left_out) > 0
    assert text.rindex("    - fix: ") < text.index("    - 2 fixes left out")  # those of the worst are written
    assert "(evidence, portal steps, links and fixes)" in text


def test_findings_are_listed_even_where_not_every_rule_has_room_for_one(everything: ScanResult) -> None:
    found = tuple(replace(everything.findings[0], rule=f"rule-{number:03}", evidence=()) for number in range(200))
    text = render(replace(everything, findings=found))
    assert FITS * 0.97 < len(text) <= FITS
    assert text.count("\n- [ ] ") + text.count("\n- … and 1 more\n") == 200
    assert text.rindex("\n- [ ] ") < text.index("\n- … and 1 more\n")


def test_more_lists_than_fit_are_counted(everything: ScanResult) -> None:
    gaps = tuple(Gap(f"Microsoft.X/list{number:05}", f"/{number}", number, "C", "no") for number in range(3_000))
    text = render(replace(everything, coverage=replace(everything.coverage, gaps=gaps)))
    assert len(text) <= FITS
    assert re.search(r"\n… and [\d,]+ more lines; `--format json` contains all of them\n$", text)


def test_nothing_unread_is_said(spotless: ScanResult) -> None:
    assert "nothing was left unread" in render(spotless)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_makes_markup_or_mentions(name: str) -> None:
    for text in (plain(name), plain(f"the `{name}` of"), code(name), "\n".join(block(name))):
        assert not ACTIVE & set(kinds(text))
        assert not any(mark in words(text) for mark in ("@", "#", "://", "www."))


@given(HOSTILE)
def test_a_sentence_stays_one_paragraph(name: str) -> None:
    made = plain(f"It is {name} here")
    assert set(kinds(made)) <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special", "code_inline"}
    assert not any(mark in words(made) for mark in ("@", "#", "://"))


@given(HOSTILE)
def test_a_code_span_holds_all_of_it(name: str) -> None:
    [span] = [token for token in tokens(f"x {code(name)} y") if token.type == "code_inline"]
    assert words(f"x {code(name)} y") == "x  y"
    assert "\n" not in span.content


@examples(40)
@given(HOSTILE)
def test_the_structure_does_not_depend_on_names(hostile: Callable[[str], ScanResult], name: str) -> None:
    assume(name.split())
    shells = (CommandShell.BASH,)  # for a name that PowerShell quotes otherwise, a command has two forms
    calm, made = (list(kinds(render(replace(hostile(one), shells=shells)))) for one in ("calm", name))
    assert not active(render(hostile(name)))
    linked = len(links(render(hostile(name))))
    assert linked <= 1  # a name that is too long for an address has none
    for kind in ("heading_open", "table_open", "fence"):
        assert made.count(kind) == calm.count(kind)
    for kind in ("list_item_open", "paragraph_open"):
        assert made.count(kind) - linked == calm.count(kind) - 1
