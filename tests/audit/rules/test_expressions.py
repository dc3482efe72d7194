from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.audit.rules.expressions import LONGEST_EXPRESSION, BadExpression, FactValue, Language
from auditor.facts.schema import FactDeclaration, FactType

LANGUAGE = Language(
    [
        FactDeclaration("vault.a", FactType.BOOL, "A."),
        FactDeclaration("vault.b", FactType.BOOL, "B."),
        FactDeclaration("vault.c", FactType.BOOL, "C."),
        FactDeclaration("vault.days", FactType.INT, "Days."),
        FactDeclaration("vault.name", FactType.STRING, "Name."),
        FactDeclaration("vault.uses", FactType.STRINGS, "Uses."),
        FactDeclaration("vault.seen", FactType.TIMESTAMP, "Seen."),
        FactDeclaration("vault.text", FactType.STRING, "Text.", in_messages_only=True),
    ]
)
NAMES = ("vault.a", "vault.b", "vault.c")
expressions = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!{}".format, inner),
    ),
    max_leaves=8,
)


def holds(text: str, **known: FactValue) -> bool | None:
    facts = {f"vault.{name}": value for name, value in known.items()}
    return LANGUAGE.compile(text).over(LANGUAGE.bind(facts)).value


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("vault.a", {}, None),
        ("vault.a || true", {}, True),
        ("true || vault.a", {}, True),
        ("vault.a && false", {}, False),
        ("vault.a && vault.b", {"a": True}, None),
        ("vault.a && vault.b", {"b": False}, False),
        ("!vault.a", {}, None),
        ("vault.a ? false : false", {}, None),
        ("vault.a == vault.a", {}, None),
        ("has(vault.a)", {}, None),
        ("[vault.a].size() == 1", {}, None),
        ("vault.uses.exists(use, use == 'x') || true", {}, True),
        ("size(vault.uses) > 0 && 'x' in vault.uses", {"uses": ["x"]}, True),
        ("vault.days > 30", {"days": 31}, True),
        ("vault.name.startsWith('contoso')", {"name": "contosokv"}, True),
        ("vault.seen < timestamp('2026-01-01T00:00:00Z')", {"seen": datetime(2025, 1, 1, tzinfo=UTC)}, True),
        ("vault.a // vault.b", {"a": False}, False),
        ("vault\n  .a", {"a": True}, True),
    ],
)
def test_unknown_facts_are_absorbed_as_kleene_has_it(
    text: str, known: dict[str, FactValue], expected: bool | None
) -> None:
    assert holds(text, **known) is expected


@given(expressions, st.dictionaries(st.sampled_from("abc"), st.booleans()))
def test_what_is_decided_stays_whatever_the_unknown_facts_turn_out_to_be(text: str, known: dict[str, bool]) -> None:
    decided = holds(text, **known)
    unknown = [name for name in "abc" if name not in known]
    outcomes = {
        holds(text, **known, **dict(zip(unknown, values, strict=True)))
        for values in product([True, False], repeat=len(unknown))
    }
    assert decided is None or outcomes == {decided}


def test_an_error_of_the_engine_never_reads_as_true() -> None:
    truth = LANGUAGE.compile("vault.uses[5] == 'x'").over(LANGUAGE.bind({"vault.uses": ["a"]}))
    assert truth.value is None
    assert truth.error


def test_a_left_out_fact_is_unknown_without_an_error() -> None:
    assert LANGUAGE.compile("vault.a").over(LANGUAGE.bind({})).error == ""


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("vault.a && vault.dayz > 3", 1, 12, "there is no fact `vault.dayz`; did you mean `vault.days`?"),
        ("vault.a &&\n  vault.q", 2, 3, "there is no fact `vault.q`"),
        ("vault.text == 'x'", 1, 1, "there is no fact `vault.text`"),
        ("vault.a + 1 == 2", 1, 9, "no matching overload"),
        ("vault.days", 1, 1, "is a int, but must be a bool"),
        ("vault.a && (", 1, 13, "Syntax error"),
        ("", 1, 1, "Syntax error"),
        ("open('/etc/passwd')", 1, 5, "undeclared reference|there is no fact"),
        ("__import__('os')", 1, 11, "there is no fact"),
        ("vault.`a`", 1, 7, "backquotes"),
        ("['a'].exists(a, ['b'].exists(b, a == b))", 1, 29, "cannot be nested"),
        ("vault.uses.exists(a, vault.uses.exists(b, a == b))", 1, 22, "cannot use another list"),
        ("vault.uses.all(a, !(a in vault.uses))", 1, 26, "cannot use another list"),
        ("['a'].map(a, a + a).size() > 0", 1, 10, "`map` is not allowed"),
        ("1" + " + 1" * 400 + " == 401", 1, 1, "Exceeded max recursion depth"),
        ("vault.a || " * 300 + "vault.a", 1, 1, f"longer than {LONGEST_EXPRESSION:,}"),
    ],
)
def test_a_broken_expression_says_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(BadExpression, match=reason) as refused:
        LANGUAGE.compile(text)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_the_facts_an_expression_mentions_leave_out_texts_and_comments() -> None:
    text = "vault.name == 'vault.a' && vault.uses.exists(x, x == \"vault.b\") // vault.c"
    assert LANGUAGE.compile(text).mentions == ("vault.name", "vault.uses")


def test_everything_that_is_wrong_is_told() -> None:
    with pytest.raises(BadExpression) as refused:
        LANGUAGE.compile("vault.dayz > 3 &&\n  (vault.nam == 'a' || vault.a == 1)")
    every = (refused.value, *refused.value.more)
    assert [(bad.line, bad.column) for bad in every] == [(1, 1), (2, 4), (2, 32)]
    assert "vault.days" in every[0].reason
    assert "vault.name" in every[1].reason
    assert "no matching overload" in every[2].reason


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("vault.uses.exists(x, x == 'b')", {"uses": ["a"] * 20_000}),
        ("vault.uses.filter(x, x == 'b').size() == 0", {"uses": ["a"] * 20_000}),
        ("vault.name.matches('((a{100}){100}){100}')", {"name": "a"}),
        ("vault.name.matches('(a')", {"name": "a"}),
        ("'a'.matches(vault.name)", {"name": "("}),
        ("vault.days + 9223372036854775807 > 0", {"days": 1}),
        ("vault.days / 0 > 0", {"days": 1}),
        ("timestamp(vault.name) > vault.seen", {"name": "no time", "seen": datetime(2025, 1, 1, tzinfo=UTC)}),
    ],
)
def test_what_the_engine_gives_up_on_is_unknown_with_its_reason(text: str, facts: dict[str, FactValue]) -> None:
    truth = LANGUAGE.compile(text).over(LANGUAGE.bind({f"vault.{name}": value for name, value in facts.items()}))
    assert truth.value is None
    assert truth.error


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("vault.name.matches('(a|aa)+$')", False),
        ("vault.name.matches('(a+a+)+y')", False),
        ("vault.name.matches('.*.*.*.*=.*')", False),
        ("vault.name.matches('" + "(a|b)?" * 250 + "$')", True),
        ("vault.name" + " + vault.name" * 12 + " == 'a'", False),
        ("vault.name.contains('" + "a" * 1000 + "c')", False),
        ("size(vault.name) > 1000000", True),
    ],
)
def test_a_text_without_end_is_no_bomb(text: str, value: bool) -> None:
    assert holds(text, name="a" * 2_000_000 + "b") is value


@pytest.mark.parametrize("text", ["(" * 900, "[" * 500, "vault.a ? " * 150])
def test_deep_nesting_is_refused_and_not_a_crash(text: str) -> None:
    with pytest.raises(BadExpression):
        LANGUAGE.compile(text)


def test_a_tower_of_negations_is_evaluated_and_no_crash() -> None:
    assert holds("!" * 1500 + "vault.a", a=True) is True


def test_loops_beside_each_other_are_fine() -> None:
    assert holds("vault.uses.all(a, a != '') && vault.uses.exists(b, b == 'x')", uses=["x"]) is True
