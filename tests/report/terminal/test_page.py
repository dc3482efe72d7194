"""The page keeps its width, its wrapping and its calm."""

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from auditor.report.terminal.page import Page
from auditor.report.terminal.style import PageStyle

SGR = re.compile(r"\x1b\[[0-9;]*m")


def page(width: int = 40, *, colour: bool = False, ascii_only: bool = False) -> Page:
    return Page(PageStyle(width=width, colour=colour, ascii_only=ascii_only))


def test_text_is_wrapped_under_itself() -> None:
    it = page(44)
    it.labelled("  why    ", "adele lacks the action that creates role assignments")
    assert it.text() == "  why    adele lacks the action that creates\n         role assignments\n"


def test_an_id_is_broken_between_its_segments() -> None:
    it = page(44)
    it.labelled("  at ", "/subscriptions/0d1e2c3b-4a59-4687-9b10/resourceGroups/rg-migrate and/or elsewhere")
    assert it.text().splitlines() == [
        "  at /subscriptions/0d1e2c3b-4a59-4687-9b10/",
        "     resourceGroups/rg-migrate and/or",
        "     elsewhere",
    ]


def test_a_word_that_is_too_long_is_folded() -> None:
    it = page(40)
    it.labelled("  at ", "x" * 80)
    assert [len(line) for line in it.text().splitlines()] == [40, 40, 15]


def test_a_command_still_runs_when_copied() -> None:
    it = page(60)
    it.command(
        "  $ ", "az role assignment create --role Reader --scope /subscriptions/0d1e2c3b-4a59-4687-9b10-000000000001"
    )
    assert it.text().splitlines() == [
        "  $ az role assignment create --role Reader \\",
        "      --scope /subscriptions/0d1e2c3b-4a59-4687-9b10-000000000001",
    ]


def test_without_colour_there_is_no_escape_sequence() -> None:
    plain, coloured = page(), page(colour=True)
    for it in (plain, coloured):
        it.heading("HIGH", "bold red")
        it.line(("problem", "red"))
    assert "\x1b" not in plain.text()
    assert "\x1b[31mproblem\x1b[0m" in coloured.text()
    assert SGR.sub("", coloured.text()) == plain.text()


def test_ascii_alone_where_nothing_else_can_be_shown() -> None:
    it = page(ascii_only=True)
    it.heading("HIGH")
    it.line("Größe → 大 · and 2 more…")
    assert it.text() == "HIGH -----------------------------------\nGr\\xf6\\xdfe -> \\u5927 - and 2 more...\n"


@given(st.text(), st.text(), st.sampled_from([40, 80, 200]), st.booleans())
def test_whatever_the_names_are_the_page_stays_calm(name: str, other: str, width: int, colour: bool) -> None:
    it = page(width, colour=colour)
    it.labelled("  where  ", (name, "bold"), f"  {other}")
    shown = SGR.sub("", it.text())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", shown)
    assert all(cell_len(line) <= width for line in shown.splitlines())


def test_what_does_not_fit_of_a_line_with_foreign_names_looks_like_no_line_of_ours() -> None:
    page = Page(PageStyle(width=40))
    page.origin("contoso.com · read by ", "somebody with a long name 0 problems found", " · end")
    page.origin("short")
    first, *others, last = page.text().splitlines()
    assert first.startswith("contoso.com")
    assert others
    assert all(line.startswith("  ") and len(line) <= 40 for line in others)
    assert last == "short"
