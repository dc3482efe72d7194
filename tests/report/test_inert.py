"""Whatever a resource is called, a terminal shows it as text."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.inert import inert, inert_lines
from auditor.report.json_text import json_text


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
        ("\u3164\u115f\u2800", "\\u{3164}\\u{115f}\\u{2800}"),
        ("adm\ufe0fin", "adm\\u{fe0f}in"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("e\u0301\u0302", "e\u0301\u0302"),
        ("ก" + "\u0e47" * 8, "ก" + "\u0e47" * 6 + "\\u{e47}" * 2),
        ("##vso[task.setvariable variable=x]y", "\\u{23}#vso[task.setvariable variable=x]y"),
        ("a ##[error]x ##TeamCity[x]", "a \\u{23}#[error]x \\u{23}#TeamCity[x]"),
        ("::error file=a::b", "\\u{3a}:error file=a::b"),
        ("/a::add-mask::b", "/a\\u{3a}:add-mask::b"),
        ("fe80::1, ## heading, std::string, a::b", "fe80::1, ## heading, std::string, a::b"),
    ],
)
def test_steering_characters_are_written_out(hostile: str, shown: str) -> None:
    assert inert(hostile) == shown


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    shown = inert(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text("#[:vsoteamcity ", max_size=20))
def test_no_line_holds_a_command_to_a_build_server(text: str) -> None:
    for shown in (inert(text), json_text({"name": text})):
        assert "##[" not in shown
        assert "##vso[" not in shown
        assert not re.match(r"\s*::[a-z-]+( .*)?::", shown)


@given(st.text())
def test_lines_are_those_of_the_text(text: str) -> None:
    assert len(inert_lines(text)) == text.count("\n") + 1


def test_a_text_of_megabytes_is_cut() -> None:
    shown = inert("x" * 5_000_000)
    assert len(shown) < 2_100
    assert shown.endswith("… (5,000,000 characters)")
