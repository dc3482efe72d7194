"""A command broken over lines is still the same command."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.terminal.lines import shell_lines

GRANT = (
    "az role assignment create --assignee 11111111-2222-3333-4444-555555555555 --role 'Azure Migrate Owner' "
    "--scope /subscriptions/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
)


def words_of(lines: list[str]) -> list[str]:
    return shlex.split("\n".join(lines).replace("\\\n", ""))


def test_a_command_that_fits_is_left_alone() -> None:
    assert shell_lines(GRANT, 200) == [GRANT]


def test_a_command_is_broken_before_its_options() -> None:
    assert shell_lines(GRANT, 80) == [
        "az role assignment create --assignee 11111111-2222-3333-4444-555555555555 \\",
        "  --role 'Azure Migrate Owner' \\",
        "  --scope /subscriptions/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    ]


@pytest.mark.parametrize("command", ["az x --name 'a --b c'", 'az x --name "a \\" --b | c" --y', "az x --name a\\ --b"])
def test_quoted_text_is_never_broken(command: str) -> None:
    assert words_of(shell_lines(command, 5)) == shlex.split(command)


@given(st.lists(st.text(alphabet="ab '\"\\|&-$", min_size=1), min_size=1), st.integers(1, 60))
def test_breaking_keeps_the_words(words: list[str], width: int) -> None:
    command = shlex.join(["az", *(piece for word in words for piece in ("--with", word))])
    assert words_of(shell_lines(command, width)) == shlex.split(command)
