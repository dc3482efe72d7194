import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cleanup.script import Shell, script
from auditor.cleanup.shell import bash_word, comment
from auditor.shells import powershell_word
from tests.cleanup import leftovers as left


@pytest.mark.parametrize("shell", Shell)
def test_a_step_an_item_with_the_way_back_beside_it(shell: Shell) -> None:
    text = script(left.plan(), shell)
    assert len(re.findall(r"^(?:remove|Remove-LeftBehind) '", text, re.MULTILINE)) == 2
    assert text.count("#   recover: az monitor log-analytics workspace recover") == 2
    assert "lost for good: the solution ServiceMap(left-1)" in text
    assert "'left-1'" in text
    assert "busy" not in text
    assert "--force" not in text


def test_bash_takes_the_script() -> None:
    bash = shutil.which("bash")
    assert bash
    subprocess.run([bash, "-n"], input=script(left.plan(), Shell.BASH), text=True, check=True)


def test_a_plan_that_deletes_nothing_prints_no_step() -> None:
    empty = left.plan(left.tenant(without=[left.FIRST["id"], left.SECOND["id"]]))
    assert "# The plan deletes nothing." in script(empty, Shell.BASH)


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_a_quoted_word_reaches_the_command_as_it_is(text: str) -> None:
    bash = shutil.which("bash") or "bash"
    said = subprocess.run([bash, "-c", f"printf %s {bash_word(text)}"], capture_output=True, check=True)
    assert said.stdout == text.encode()


_QUOTE = "['\u2018\u2019\u201a\u201b]"


@given(st.text(alphabet="'\u2018\u2019\u201a\u201b$`\";a \n", max_size=12))
def test_a_powershell_word_holds_its_quotes_doubled(text: str) -> None:
    inside = powershell_word(text)[1:-1]
    assert re.fullmatch(rf"(?:[^{_QUOTE[1:-1]}]|({_QUOTE})\1)*", inside)
    assert re.sub(rf"({_QUOTE})\1", r"\1", inside) == text


@given(st.text(max_size=30))
def test_a_comment_stays_on_its_line(text: str) -> None:
    assert len(f"# {comment(text)}".splitlines()) == 1
    assert "##" not in comment(text)


def test_a_comment_commands_no_build_server() -> None:
    assert comment("##vso[task.setvariable variable=x]y ###") == "#?vso[task.setvariable variable=x]y #?#"


def test_names_from_azure_cannot_end_a_comment() -> None:
    odd = left.solution("ServiceMap", left.SECOND)
    odd["id"] += "\nrm -rf /"
    text = script(left.plan(left.tenant([odd])), Shell.BASH)
    assert "\nrm" not in text
