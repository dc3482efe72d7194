"""Every exception ends as a message and a code; a defect tells nothing of the environment."""

import pytest

from auditor.audit.yaml_source import BadRule
from auditor.azure.errors import ReadFailed, SignInFailed, UnknownCloud, Unreachable
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed, UsageFailed, describe, trail
from auditor.collect.request import NoScope, UnknownAccount, UnknownScope
from auditor.inventory.arm_id import MalformedArmId
from auditor.inventory.files import BadSnapshot

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
        dict[str, str]()[f"bearer {TOKEN}"]
    code, text = describe(caught.value)
    told = trail(caught.value)
    assert code is ExitCode.INTERNAL
    assert "KeyError in test_failures.py:" in text
    assert "report" in text
    assert "eyJ" not in text
    assert "eyJ" not in told
    assert "<removed>" in told


@pytest.mark.parametrize(("status", "code"), [(403, ExitCode.UNREADABLE), (404, ExitCode.USAGE)])
def test_a_scope_that_is_refused_may_exist(status: int, code: ExitCode) -> None:
    with pytest.raises(UnknownScope) as caught:
        raise UnknownScope("subscription", "contoso") from ReadFailed(status, "Refused", "no", "https://x")
    found, text = describe(caught.value)
    assert found is code
    assert text.startswith("no such subscription: `contoso`")
    assert ("Microsoft.Resources/subscriptions/read" in text) is (status == 403)
