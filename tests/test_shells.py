"""Commands for each shell: read back word by word, by a grammar of PowerShell, by cmd's and the C runtime's rules."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.cli.rules.choice import chosen_rules
from auditor.shells import (
    READERS,
    SHELL_NAMES,
    CommandShell,
    command_for,
    command_lines,
    command_shell,
    setting,
    shell_in_use,
    written_commands,
)
from tests.cleanup.test_script_syntax import PowerShell

GRANT = (
    "az role assignment create --assignee 11111111-2222-3333-4444-555555555555 --role 'Azure Migrate Owner' "
    "--scope /subscriptions/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
)
NASTY = "ab1 '\"\\|&<>^()%!$`;,=@#{}[]*?~-\u2018\u2019\u201a\u201b\u00e9"
WORDS = st.lists(st.text(alphabet=NASTY, max_size=12), min_size=1, max_size=4)
WINDOWS = (CommandShell.WINDOWS_PWSH, CommandShell.CMD)


def with_words(words: list[str]) -> str:
    return shlex.join(["az", *(piece for word in words for piece in ("--with", word))])


def in_powershell(text: str) -> list[list[str]]:
    """The words of each command, as the grammar reads them; a word that is no single literal stays as it is written."""
    read = PowerShell(text)
    assert read.errors() == []
    return [[_literal(read, part) for part in parts] for parts in read.commands()]


def _literal(read: PowerShell, part: Any) -> str:
    literal = read.literal(part)
    return read.text(part) if literal is None else literal


def behind_powershell(argument: str) -> str:
    """What PowerShell writes for a batch file: double quotes where there are blanks outside any."""
    quotes, before, needed = 0, "", False
    for letter in argument:
        if letter == '"' and before != "\\":
            quotes += 1
        needed = needed or (letter.isspace() and quotes % 2 == 0)
        before = letter
    return f'"{argument}"' if needed else argument


def by_cmd(line: str) -> str:
    """The line that cmd hands on; fails where it would act on a part of it."""
    is_quoted, read = False, ""
    for letter in line:
        assert letter != "%"
        assert is_quoted or letter not in "&|<>^()", f"cmd acts on {letter} in {line}"
        is_quoted ^= letter == '"'
        read += letter
    return read


def by_the_c_runtime(line: str) -> list[str]:
    """The arguments of a program, by the rules of Microsoft's C runtime."""
    words, word, is_quoted, begun, at = [], "", False, False, 0
    while at < len(line):
        slashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        at += slashes
        if at < len(line) and line[at] == '"':
            word += "\\" * (slashes // 2)
            begun = True
            if slashes % 2:
                word += '"'
            else:
                is_quoted = not is_quoted
            at += 1
            continue
        if slashes:
            word += "\\" * slashes
            begun = True
            continue
        if line[at] == " " and not is_quoted:
            words += [word] if begun else []
            word, begun = "", False
        else:
            word += line[at]
            begun = True
        at += 1
    return [*words, word] if begun else words


def on_windows(command: str, shell: CommandShell) -> list[str]:
    """The words that `az` gets from a command, behind its batch file."""
    if shell is CommandShell.CMD:
        return by_the_c_runtime(by_cmd(by_cmd(command)))
    [words] = in_powershell(command)
    return by_the_c_runtime(by_cmd(" ".join(map(behind_powershell, words))))


@given(WORDS)
def test_in_powershell_every_word_is_the_same_word(words: list[str]) -> None:
    command = with_words(words)
    written = command_for(command, CommandShell.PWSH)
    assert written is not None
    assert in_powershell(written) == [shlex.split(command)]


@pytest.mark.parametrize("shell", WINDOWS)
def test_on_windows_every_word_is_the_same_word_or_there_is_no_command(shell: CommandShell) -> None:
    @given(WORDS)
    @example(['"', "&calc"])
    def law(words: list[str]) -> None:
        command = with_words(words)
        written = command_for(command, shell)
        if written is not None:
            assert on_windows(written, shell) == shlex.split(command)

    law()


@pytest.mark.parametrize("shell", WINDOWS)
@pytest.mark.parametrize(
    "word", ["rg(prod)", "a&calc", "a b & calc", "it's", "x^y", "", '{"a": "b c"}', "<a>&calc", "a|b", "ä", "x=y,z;w"]
)
def test_names_that_are_hard_to_quote(word: str, shell: CommandShell) -> None:
    command = with_words([word])
    written = command_for(command, shell)
    assert written is not None
    assert on_windows(written, shell) == shlex.split(command)


@pytest.mark.parametrize("shell", WINDOWS)
@pytest.mark.parametrize("word", ["100%", "%PATH%", 'a"&calc', 'a" & calc "', "ends\\"])
def test_a_word_that_cmd_would_act_on_has_no_form_and_the_page_says_where_the_command_runs(
    word: str, shell: CommandShell
) -> None:
    command = with_words([word])
    assert command_for(command, shell) is None
    first, *lines = command_lines(command, shell, 200)
    assert first == "# in bash, such as that of Azure Cloud Shell:"
    assert lines == [command]


@pytest.mark.parametrize("text", ["az x --y $HOME", "az x > file", "az x --y `id`", 'az x "$(id)"', "a; b", "az x *"])
def test_what_is_more_than_words_is_left_to_bash(text: str) -> None:
    assert all(command_for(text, shell) is None for shell in CommandShell if shell is not CommandShell.BASH)


@pytest.mark.parametrize("shell", CommandShell)
def test_a_command_is_broken_before_its_options(shell: CommandShell) -> None:
    lines = command_lines(GRANT, shell, 80)
    assert len(lines) == 3
    assert all(line.endswith(shell.continued) and len(line) <= 80 for line in lines[:-1])
    assert all(line.startswith("  --") for line in lines[1:])
    assert command_lines(GRANT, shell, 250) == [command_for(GRANT, shell)]
    assert ("\\" in "".join(lines)) is (shell is CommandShell.BASH)


@given(WORDS, st.integers(1, 60))
def test_breaking_keeps_the_words(words: list[str], width: int) -> None:
    command = with_words(words)
    in_bash = "\n".join(command_lines(command, CommandShell.BASH, width))
    assert shlex.split(in_bash.replace("\\\n", "")) == shlex.split(command)
    assert in_powershell("\n".join(command_lines(command, CommandShell.PWSH, width))) == [shlex.split(command)]


@pytest.mark.parametrize("command", ["az x --name 'a --b c'", 'az x --name "a \\" --b | c" --y', "az x --name a\\ --b"])
def test_quoted_text_is_never_broken(command: str) -> None:
    lines = command_lines(command, CommandShell.BASH, 5)
    assert shlex.split("\n".join(lines).replace("\\\n", "")) == shlex.split(command)


def test_a_second_command_runs_only_if_the_first_one_succeeded() -> None:
    two = "az a --x 'y z' && az b --c d && az e"
    assert command_for(two, CommandShell.PWSH) == "az a --x 'y z'; if ($?) { az b --c d; if ($?) { az e } }"
    assert command_for(two, CommandShell.CMD) == 'az a --x "y z" && az b --c d && az e'
    assert in_powershell("\n".join(command_lines(two, CommandShell.PWSH, 20)))[0] == ["az", "a", "--x", "y z"]


def commands_of_the_rule_book() -> Iterator[tuple[str, str]]:
    for rule in chosen_rules():
        for fix in rule.fixes:
            if fix.az is not None:
                known = {name: f"/subscriptions/s/x(y)/it's {name}" for name in fix.az.mentions}
                yield rule.id, fix.az.command(known) or ""


def test_every_command_of_the_rule_book_has_a_form_for_every_shell() -> None:
    for rule, command in commands_of_the_rule_book():
        for shell in WINDOWS:
            written = command_for(command, shell)
            assert written is not None, rule
            if "&&" not in command:
                assert on_windows(written, shell) == shlex.split(command)


USER = r"C:\Users\adele\Documents\PowerShell\Modules"
MACHINE = r"C:\Program Files\WindowsPowerShell\Modules;C:\WINDOWS\system32\WindowsPowerShell\v1.0\Modules"


@pytest.mark.parametrize(
    ("env", "system", "shell"),
    [
        ({"SHELL": "/bin/zsh"}, "posix", CommandShell.BASH),
        ({}, "posix", CommandShell.BASH),
        ({"SHELL": "/bin/bash", "PSModulePath": "/root/.local/share/powershell/Modules"}, "posix", CommandShell.PWSH),
        ({"PSModulePath": MACHINE}, "nt", CommandShell.CMD),
        ({}, "nt", CommandShell.CMD),
        ({"PSModulePath": f"{USER};{MACHINE}"}, "nt", CommandShell.WINDOWS_PWSH),
        ({"PSModulePath": f"{USER};{MACHINE}", "MSYSTEM": "MINGW64"}, "nt", CommandShell.BASH),
    ],
)
def test_the_shell_in_use(env: dict[str, str], system: str, shell: CommandShell) -> None:
    assert command_shell(shell_in_use(env, system), system) is shell


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        (CommandShell.BASH, """export A='it'"'"'s 100%'"""),
        (CommandShell.PWSH, "$env:A = 'it''s 100%'"),
        (CommandShell.WINDOWS_PWSH, "$env:A = 'it''s 100%'"),
        (CommandShell.CMD, 'set "A=it\'s 100%%"'),
    ],
)
def test_a_variable_is_set_as_each_shell_reads_it(shell: CommandShell, line: str) -> None:
    assert setting("A", "it's 100%", shell) == line


SAFE = st.text(alphabet="ab1 ._/:@+*=,-", min_size=1, max_size=12)


@given(st.lists(SAFE | st.text(alphabet=NASTY, max_size=12), min_size=1, max_size=4), st.sampled_from("'\""))
@example(["Azure Migrate Owner"], '"')
def test_a_document_for_everybody_has_each_form_once_and_every_shell_reads_the_same_words(
    words: list[str], quote: str
) -> None:
    quoted = " ".join(f"--with {quote}{word}{quote}" for word in words)
    command = f"az {quoted}" if all(set(word) <= set("ab1 ._/:@+*=,-") for word in words) else with_words(words)
    forms = written_commands(command, READERS)
    meant = shlex.split(command)
    assert len({one.text for one in forms}) == len(forms)
    if len(forms) == 1 and not forms[0].shell:
        assert shlex.split(forms[0].text) == on_windows(forms[0].text, CommandShell.WINDOWS_PWSH) == meant
    for one in forms:
        if one.language == "sh":
            assert shlex.split(one.text) == meant
        else:
            assert on_windows(one.text, CommandShell.WINDOWS_PWSH) == meant


@pytest.mark.parametrize(
    ("command", "shells", "forms"),
    [
        (GRANT, READERS, [("", "sh")]),
        (GRANT.replace("Owner'", "(it''s)'"), READERS, [("Bash", "sh"), ("PowerShell on Windows", "powershell")]),
        (GRANT.replace("Owner", "100%"), READERS, [("Bash", "sh")]),
        (f"{GRANT} && {GRANT}", READERS, [("Bash", "sh"), ("PowerShell on Windows", "powershell")]),
        (GRANT, (CommandShell.BASH,), [("", "sh")]),
        (GRANT, (CommandShell.PWSH,), [("", "powershell")]),
        (GRANT, (CommandShell.CMD,), [("", "bat")]),
        (GRANT.replace("Owner", "100%"), (CommandShell.CMD,), [("Bash, such as that of Azure Cloud Shell", "sh")]),
        ("", READERS, []),
        (None, READERS, []),
    ],
)
def test_forms_of_a_command_in_a_document(
    command: str | None, shells: tuple[CommandShell, ...], forms: list[tuple[str, str]]
) -> None:
    written = written_commands(command, shells)
    assert [(one.shell, one.language) for one in written] == forms
    assert set(SHELL_NAMES) == set(CommandShell)
