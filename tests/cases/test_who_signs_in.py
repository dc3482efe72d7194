"""Cures name people where somebody has to sign in at an appliance, and a guest by the address of the invitation."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases.asking import ACCOUNT, Document, findings, preflight
from tests.cases.fabrikam import OWNER, SUBSCRIPTION, Environment
from tests.cases.situations import SITUATIONS
from tests.cli.running import Run

_INVITED = re.compile(r"mail of `([^`]+)`")
AUTOMATION = "5bfa0077-6c2e-4f18-9d47-fab0b1c00077"
_SIGNS_IN = re.compile(r"sign in[^.]* as ([^.]*`)", re.IGNORECASE)


def with_automation(situation: Callable[[], Environment]) -> Environment:
    """Return a situation in which a service principal owns the subscription, and so has every right."""
    changed = situation()
    kind = "#microsoft.graph.servicePrincipal"
    names = {"displayName": "fabrikam-automation", "appDisplayName": "fabrikam-automation"}
    changed.document["graph"].append(
        {
            "@odata.type": kind,
            "id": AUTOMATION,
            "appId": AUTOMATION[::-1],
            **names,
            "servicePrincipalType": "Application",
        }
    )
    if any(body["id"] == SUBSCRIPTION for body in changed.document["arm"]):
        changed.assign(277, OWNER, AUTOMATION, SUBSCRIPTION, "ServicePrincipal")
    return changed


def told(fixes: list[Document]) -> list[str]:
    return [text for fix in fixes for text in (fix["title"], *fix["portal"])]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.__name__)
def test_nobody_is_told_to_sign_in_as_a_service_principal(
    migaudit: Run, tmp_path: Path, situation: Callable[[], Environment]
) -> None:
    environment = with_automation(situation)
    people = {str(one.get("userPrincipalName")).lower() for one in environment.document["graph"]} - {"none"}
    snapshot = environment.save(tmp_path, "situation")
    texts = [text for one in findings(migaudit, snapshot).values() for text in told(one["fixes"])]
    for step in preflight(migaudit, snapshot)["steps"]:
        texts += told(step["fixes"])
    assert not [text for text in texts if "fabrikam-automation" in text]
    for text in texts:
        for named in _SIGNS_IN.findall(text):
            assert {name.lower() for name in re.findall(r"`([^`]+)`", named)} <= {*people, ACCOUNT[1]}, text
        assert not [mail for mail in _INVITED.findall(text) if "#EXT#" in mail], text
