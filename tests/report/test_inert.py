"""Whatever a resource is called, a terminal shows it as text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.inert import inert, inert_lines


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("contoso-vault", "contoso-vault"),
        ("Größe 大 שלום", "Größe 大 שלום"),
        ("\x1b[2Jgone", "\\u{1b}[2Jgone"),
        ("\x1b]8;;http://evil\x07click", "\\u{1b}]8;;http://evil\\u{7}click"),
        ("\x9b31mred", "\\u{9b}31mred"),
        ("a\rPASS", "a\\u{d}PASS"),
        ("a\nERROR", "a\\u{a}ERROR"),
        ("a\u2028b", "a\\u{2028}b"),
        ("gnp.\u202eexe", "gnp.\\u{202e}exe"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_steering_characters_are_written_out(hostile: str, shown: str) -> None:
    assert inert(hostile) == shown


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    shown = inert(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text())
def test_lines_are_those_of_the_text(text: str) -> None:
    assert len(inert_lines(text)) == text.count("\n") + 1


def test_a_text_of_megabytes_is_cut() -> None:
    shown = inert("x" * 5_000_000)
    assert len(shown) < 2_100
    assert shown.endswith("… (5,000,000 characters)")
