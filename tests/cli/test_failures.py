"""Every exception ends as a message and a code; a defect tells nothing of the environment."""

import errno
import os
import tempfile
from pathlib import Path

import pytest

from auditor.audit.rules.mistakes import BadRule
from auditor.azure.errors import ReadFailed, SignInFailed, UnknownCloud, Unreachable
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import TOO_MANY_OPEN, Aside, CommandFailed, UsageFailed, describe, trail
from auditor.cli.main import main
from auditor.collect.request import NoScope, UnknownAccount, UnknownScope
from auditor.inventory.arm_id import MalformedArmId
from auditor.inventory.snapshot.files import BadSnapshot

TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (UsageFailed("no"), ExitCode.USAGE, "no"),
        (CommandFailed(ExitCode.UNREADABLE, "nothing"), ExitCode.UNREADABLE, "nothing"),
        (BadSnapshot("s.jsonl", 7, "cut off"), ExitCode.USAGE, "s.jsonl:7: cut off"),  # type: ignore[arg-type]
        (BadRule("r.yaml", 3, 9, "no such fact"), ExitCode.USAGE, "r.yaml:3:9: no such fact"),
        (MalformedArmId("x", "it does not begin with a slash"), ExitCode.USAGE, "begin with a slash"),
        (NoScope(), ExitCode.USAGE, "nothing says what to read"),
        (UnknownAccount("adel", near=["adele"]), ExitCode.USAGE, "did you mean `adele`?"),
        (UnknownCloud("mars", "unheard of"), ExitCode.USAGE, "`mars` is not a cloud: unheard of"),
        (SignInFailed(["AzureCli: not logged in"], "run `az login`"), ExitCode.UNREADABLE, "  AzureCli: not logged in"),
        (ReadFailed(403, "AuthorizationFailed", "no", "https://x/y"), ExitCode.UNREADABLE, "403 AuthorizationFailed"),
        (Unreachable("Timeout", "no answer", "https://x", "check the proxy"), ExitCode.UNREADABLE, "check the proxy"),
    ],
)
def test_known_failures(failure: Exception, code: ExitCode, said: str) -> None:
    found, text = describe(failure)
    assert found is code
    assert said in text


def test_a_defect_is_named_by_kind_and_place_alone() -> None:
    with pytest.raises(KeyError) as caught:
        dict[str, str]()[f"contoso-payroll, bearer {TOKEN}"]
    code, text = describe(caught.value)
    told = trail(caught.value)
    assert code is ExitCode.INTERNAL
    assert "KeyError in test_failures.py:" in text
    assert "report" in text
    assert "eyJ" not in text + told
    assert "contoso" not in text + told
    assert str(Path.cwd()) not in text + told
    assert told.endswith("\n  KeyError")


def test_what_led_to_a_defect_is_named_before_it() -> None:
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError("contoso-payroll") from ValueError("contoso-payroll")
    kinds = [line for line in trail(caught.value).splitlines() if ":" not in line]
    assert kinds == ["  ValueError", "  RuntimeError"]
    assert "contoso" not in trail(caught.value)


def test_of_the_notes_on_a_failure_only_ours_are_shown() -> None:
    failure = RuntimeError("x")
    failure.add_note("contoso-payroll")
    failure.add_note(Aside("kept what was read in `x`"))
    text = describe(failure)[1]
    assert text.endswith("\nkept what was read in `x`")
    assert "contoso" not in text


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_too_many_open_files_are_said_however_deep_they_lie(number: int) -> None:
    with pytest.raises(Unreachable) as caught:
        raise Unreachable("ConnectionFailed", "no way", "https://x", "check") from OSError(number, os.strerror(number))
    assert describe(caught.value) == (ExitCode.UNREADABLE, TOO_MANY_OPEN)
    assert describe(OSError(number, os.strerror(number)))[0] is ExitCode.UNREADABLE


@pytest.mark.parametrize(("status", "said"), [(0, "check the network"), (401, "sign in again"), (503, "wait some min")])
def test_a_read_that_failed_comes_with_what_to_do(status: int, said: str) -> None:
    assert said in describe(ReadFailed(status, "Code", "cannot tell which subscriptions there are", "https://x"))[1]


@pytest.mark.parametrize(("status", "code"), [(403, ExitCode.UNREADABLE), (404, ExitCode.USAGE)])
def test_a_scope_that_is_refused_may_exist(status: int, code: ExitCode) -> None:
    with pytest.raises(UnknownScope) as caught:
        raise UnknownScope("subscription", "contoso") from ReadFailed(status, "Refused", "no", "https://x")
    found, text = describe(caught.value)
    assert found is code
    assert text.startswith("no such subscription: `contoso`")
    assert ("Microsoft.Resources/subscriptions/read" in text) is (status == 403)


@pytest.mark.parametrize("command", [("scan", "--demo"), ("emulate", "--demo"), ("cleanup", "rehearse")])
def test_without_a_folder_for_temporary_files_it_is_said_how_to_get_one(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a container that is read-only, with nothing mounted at `/tmp`."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/proc/nowhere"])
    assert main(list(command)) == ExitCode.USAGE
    assert "name one with TMPDIR" in capsys.readouterr().err
