import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.emulator.odata import (
    And,
    AnyOf,
    BadFilter,
    Field,
    FilterCall,
    FilterComparison,
    Membership,
    Not,
    Or,
    conjuncts,
    disjuncts,
    parse_filter,
)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("atScope()", FilterCall("atScope", ())),
        ("principalId eq 'x'", FilterComparison("principalId", "eq", "x")),
        ("a eq null", FilterComparison("a", "eq", None)),
        ("a eq true and not b eq 3", And(FilterComparison("a", "eq", True), Not(FilterComparison("b", "eq", 3)))),
        (
            "a eq 'x' or b eq 'y' and c eq 'z'",
            Or(
                FilterComparison("a", "eq", "x"),
                And(FilterComparison("b", "eq", "y"), FilterComparison("c", "eq", "z")),
            ),
        ),
        (
            "(a eq 'x' or b eq 'y') and c eq 1.5",
            And(
                Or(FilterComparison("a", "eq", "x"), FilterComparison("b", "eq", "y")), FilterComparison("c", "eq", 1.5)
            ),
        ),
        ("startswith(displayName,'O''Hara')", FilterCall("startswith", (Field("displayName"), "O'Hara"))),
        ("id in ('a', 'b')", Membership("id", ("a", "b"))),
        ("groupTypes/any(c:c eq 'Unified')", AnyOf("groupTypes", FilterComparison("", "eq", "Unified"))),
        (
            "proxyAddresses/any(p:startswith(p,'smtp'))",
            AnyOf("proxyAddresses", FilterCall("startswith", (Field("p"), "smtp"))),
        ),
        ("when ge 2026-11-23T10:00:00.5Z", FilterComparison("when", "ge", "2026-11-23T10:00:00.5Z")),
        (
            "appId eq 11111111-0000-4000-8000-000000000001",
            FilterComparison("appId", "eq", "11111111-0000-4000-8000-000000000001"),
        ),
    ],
)
def test_a_filter_becomes_its_tree(text: str, tree: object) -> None:
    assert parse_filter(text) == tree


@pytest.mark.parametrize(
    "text",
    ["", "   ", "a eq", "a 'x'", "a is 'x'", "(a eq 'x'", "a eq 'x' b", "f(", "c/any(x:y eq 'z')", "a eq 'x", "~"],
)
def test_an_invalid_filter_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        parse_filter(text)


@pytest.mark.parametrize("name", ["note", "orders", "inner", "equal", "anything", "in", "and", "b/any"])
def test_a_name_that_begins_like_an_operator_is_a_name(name: str) -> None:
    assert parse_filter(f"not {name} eq 1 and {name} in (2)") == And(
        Not(FilterComparison(name, "eq", 1)), Membership(name, (2,))
    )


def test_parentheses_nest_as_deeply_as_a_client_likes() -> None:
    assert parse_filter(f"{'(' * 3_000}a eq 1{')' * 3_000}") == FilterComparison("a", "eq", 1)


@given(st.text())
def test_any_text_can_be_quoted(text: str) -> None:
    quoted = text.replace("'", "''")
    assert parse_filter(f"name eq '{quoted}'") == FilterComparison("name", "eq", text)


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(BadFilter):
        assert parse_filter(text) is not None


def test_conjuncts_and_disjuncts() -> None:
    assert len(conjuncts(parse_filter("a eq 1 and b eq 2 and c eq 3"))) == 3
    assert len(disjuncts(parse_filter("a eq 1 or b eq 2"))) == 2
