"""Markdown: what a parser that is not ours makes of it has our structure and nothing of a name's."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.report.markdown import MOST, render
from auditor.report.markdown_text import block, code, plain
from auditor.report.result import ScanResult
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE, NAMES

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


def test_a_rule_with_many_subjects_is_cut(everything: ScanResult) -> None:
    one = everything.findings[0]
    many = tuple(replace(one, subject=replace(one.subject, id=f"{number}")) for number in range(MOST + 3))
    assert "and 3 more; `--format json` has all of them" in render(replace(everything, findings=many))


def test_nothing_unread_is_said(spotless: ScanResult) -> None:
    assert "nothing stayed unread" in render(spotless)


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


@settings(max_examples=40, deadline=None)
@given(HOSTILE)
def test_the_structure_does_not_depend_on_names(hostile: Callable[[str], ScanResult], name: str) -> None:
    assume(name.split())
    calm, made = list(kinds(render(hostile("calm")))), list(kinds(render(hostile(name))))
    assert not ACTIVE & set(made)
    for kind in ("heading_open", "table_open", "fence", "list_item_open", "paragraph_open"):
        assert made.count(kind) == calm.count(kind)
