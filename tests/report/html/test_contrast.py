"""The colours of the page: text and signs stand out as WCAG 2.2 asks, in the light, in the dark and on paper."""

import re
from importlib.resources import files

import pytest

CSS = files("auditor.report.html").joinpath("assets", "report.css").read_text(encoding="utf-8")
_COLOUR = re.compile(r"--(?P<name>[a-z]+): (?P<hex>#[0-9a-f]{3,6});")
TEXT = ("ink", "dim", "link", "fail", "unknown", "pass", "none", "critical", "high", "medium", "low", "info")
GROUND = ("page", "card", "code")


def colours(block: str) -> dict[str, str]:
    return {found["name"]: found["hex"] for found in _COLOUR.finditer(block)}


def themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    light, dark, paper = map(colours, blocks)
    return {"light": light, "dark": light | dark, "paper": light | paper}


def luminance(colour: str) -> float:
    """The relative luminance, as WCAG defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(one * 2 for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_twenty_one() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark", "paper"])
def test_text_stands_out(theme: str) -> None:
    held = themes()[theme]
    faint = {(text, on): contrast(held[text], held[on]) for text in TEXT for on in GROUND}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_edges_of_what_is_used_stand_out(theme: str) -> None:
    held = themes()[theme]
    assert min(contrast(held[edge], held["page"]) for edge in ("edge", "fail", "unknown", "pass", "none")) >= 3
    assert min(contrast(held["edge"], held[on]) for on in GROUND) >= 3
