"""Markdown: what a parser that is not ours makes of it has our structure and nothing of a name's."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.report.formats.markdown import FITS, render
from auditor.report.formats.markdown_text import block, code, plain
from auditor.report.result import ScanResult
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
    left = re.findall(r"and ([\d,]+) more; `--format html` and `--format json` contain all of them", text)
    listed = text.count("\n- [ ] ")
    assert listed + sum(int(one.replace(",", "")) for one in left) == rules * subjects


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
    calm, made = list(kinds(render(hostile("calm")))), list(kinds(render(hostile(name))))
    assert not ACTIVE & set(made)
    for kind in ("heading_open", "table_open", "fence", "list_item_open", "paragraph_open"):
        assert made.count(kind) == calm.count(kind)
