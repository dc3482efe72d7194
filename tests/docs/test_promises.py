"""The page of promises: the tests that it names exist, and its bounds are those of the code."""

import re
from pathlib import Path

from auditor.azure import paging
from auditor.azure.bounds import Bounds

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/promises.md").read_text()


def test_every_test_that_it_names_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_the_bounds_are_those_of_the_code() -> None:
    bounds = Bounds()
    for words in (
        f"| {bounds.request:g} seconds, from its first byte",
        f"| {bounds.sign_in:g} seconds |",
        f"| {bounds.outage:g} seconds |",
        f"| {bounds.answer // 1024 // 1024} MiB;",
        f"| one in 32 bytes of that: {bounds.values // 1_000_000} million |",
        f"| {paging.MOST_ITEMS // 1_000_000} million |",
        f"| {paging.MOST_PAGES:,}, {paging.MOST_EMPTY_PAGES} empty ones in a row, {paging.LONGEST_LIST / 60:g} minutes",
    ):
        assert words in PAGE
