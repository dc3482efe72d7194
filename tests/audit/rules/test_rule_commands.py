"""The commands that rules propose: whatever things in Azure are called, a shell reads each value as what it is."""

import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.audit.rules.book import load_rules
from auditor.audit.rules.templates import Template
from auditor.data import rules_dir

MARK = "MARK"
COMMANDS = {
    f"{rule.id} {number}": fix.az
    for rule in load_rules(rules_dir())
    for number, fix in enumerate(rule.fixes, 1)
    if fix.az is not None
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@given(value=st.text(st.characters(exclude_characters="\x00"), min_size=1))
@example(value="$(reboot)")
@example(value="`reboot`; rm -rf / #")
@example(value="it's --yes")
@example(value='a"b\nc\\d')
@example(value="-–=cmd|' /C calc'!A0")
def test_a_value_stays_one_argument(command: Template, value: str) -> None:
    plain = shlex.split(command.command(dict.fromkeys(command.mentions, MARK)) or "")
    filled = shlex.split(command.command(dict.fromkeys(command.mentions, value)) or "")
    assert filled == [argument.replace(MARK, value) for argument in plain]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_is_one_of_the_azure_cli_on_one_line(command: Template) -> None:
    text = command.command(dict.fromkeys(command.mentions, MARK)) or ""
    assert text.startswith("az ")
    assert not set(text) & set("\n;|&<>$`\\")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_is_left_out_where_a_value_is_not_known(command: Template) -> None:
    for missing in command.mentions:
        assert command.command({name: MARK for name in command.mentions if name != missing}) is None
