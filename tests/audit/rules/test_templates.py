import shlex
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.audit.rules.expressions import FactValue
from auditor.audit.rules.templates import NOT_KNOWN, BadTemplate, Template, command_template, in_words


def test_a_message_shows_facts_as_people_write_them() -> None:
    template = Template.of("{{ vault.name }}: {{vault.uses}}, {{ vault.open }}, {{ vault.seen }}, {{ vault.left }}")
    known: dict[str, FactValue] = {
        "vault.name": "kv",
        "vault.uses": ["a", "b"],
        "vault.open": True,
        "vault.seen": datetime(2026, 11, 23, 10, 5, tzinfo=UTC),
    }
    assert template.text(known) == f"kv: a, b, yes, 2026-11-23 10:05 UTC, {NOT_KNOWN}"
    assert template.mentions == ("vault.name", "vault.uses", "vault.open", "vault.seen", "vault.left")


def test_an_empty_list_is_none_and_an_empty_text_is_nothing() -> None:
    assert Template.of("a {{ vault.uses }} b").text({"vault.uses": []}) == "a none b"
    assert Template.of("a {{ vault.name }}").text({"vault.name": ""}) == "a"
    assert in_words(False) == "no"


def test_what_a_value_holds_is_never_filled_again() -> None:
    known = {"vault.name": "{{ vault.secret }}", "vault.secret": "s3cret"}
    assert Template.of("{{ vault.name }}").text(known) == "{{ vault.secret }}"


@given(st.text(min_size=1))
def test_a_command_holds_each_value_as_one_inert_word(name: str) -> None:
    command = command_template("az keyvault show --name {{ vault.name }} --query id").command({"vault.name": name})
    assert command is not None
    assert shlex.split(command) == ["az", "keyvault", "show", "--name", name, "--query", "id"]


@given(st.lists(st.text(), min_size=1))
def test_a_list_becomes_one_word_for_each_item(names: list[str]) -> None:
    command = command_template("az x --ids {{ vault.uses }}").command({"vault.uses": names})
    assert command is not None
    assert shlex.split(command) == ["az", "x", "--ids", *names]


@pytest.mark.parametrize("known", [{}, {"vault.name": ""}])
def test_a_command_that_lacks_a_value_is_left_out(known: dict[str, str]) -> None:
    assert command_template("az x --name {{ vault.name }}").command(dict(known)) is None


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("a {{ b", 2),
        ("a }} b", 2),
        ("{{ 7*7 }}", 0),
        ("x {{ vault.name | upper }}", 2),
        ("{{ vault.name }} {{ name }}", 17),
        ("{% if x %}{{ }}", 10),
    ],
)
def test_braces_that_frame_no_fact_are_refused_where_they_stand(text: str, index: int) -> None:
    with pytest.raises(BadTemplate, match="a placeholder must be") as refused:
        Template.of(text)
    assert refused.value.index == index


@pytest.mark.parametrize("quote", ["'", '"', "`"])
def test_a_placeholder_inside_quotes_of_a_command_is_refused(quote: str) -> None:
    text = f"az x --a 'ok' --name {quote}{{{{ vault.name }}}}{quote}"
    with pytest.raises(BadTemplate, match="must not be quoted") as refused:
        command_template(text)
    assert refused.value.index == text.index("{{")
