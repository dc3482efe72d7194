"""JSON in pieces is the same text as of the whole document."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.json_text import json_pieces, json_text

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("aé\n😀\"'"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("aé\n", max_size=2), inner, max_size=3),
    max_leaves=8,
)


def drawn(value: Any) -> Any:
    """Return the value with iterators in place of lists, as far as lists are drawn."""
    if isinstance(value, list):
        return (drawn(item) for item in value)
    if isinstance(value, dict):
        return {name: drawn(item) for name, item in value.items()}
    return value


@given(PLAIN)
def test_an_iterator_is_written_as_the_list_of_its_items(value: Any) -> None:
    assert "".join(json_pieces(drawn(value))) == json_text(value)
    assert msgspec.json.decode(json_text(value)) == value
    assert json_text(value).isascii()


@pytest.mark.parametrize("value", [[], {}, {"a": [], "b": {}}, [[1], {"a": [2]}]])
def test_nothing_is_written_as_the_library_writes_it(value: Any) -> None:
    assert json_text(value) == msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"
    assert "".join(json_pieces(drawn(value))) == json_text(value)


def test_an_item_is_drawn_when_the_ones_before_are_written() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(3):
            drawn.append(number)
            yield number

    seen = [(piece, tuple(drawn)) for piece in json_pieces({"before": 1, "items": items()})]
    assert ("0", (0,)) in seen
    assert ("1", (0, 1)) in seen
