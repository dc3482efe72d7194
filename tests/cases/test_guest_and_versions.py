"""A guest who was invited and never came; appliances of which none is newer than another."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cases.fabrikam import GROUP, GUEST, Environment
from tests.cases.situations import all_appliances_of_one_old_version, guest_never_accepted
from tests.cli.running import Run

Saved = Callable[[Callable[[], Environment]], Path]


def without_mail() -> Environment:
    """The directory shows no mail address of the guest."""
    changed = guest_never_accepted()
    changed.graph(GUEST)["mail"] = None
    return changed


def one_newer_appliance() -> Environment:
    """A further appliance for VMware is newer than the first."""
    changed = all_appliances_of_one_old_version()
    site = f"{GROUP}/providers/Microsoft.OffAzure/VMwareSites/fabvc02site"
    body = json.loads(json.dumps(changed.arm(f"{GROUP}/providers/Microsoft.OffAzure/VMwareSites/fabvc0152c8site")))
    body |= {"id": site, "name": "fabvc02site"}
    body["properties"] |= {"applianceName": "fabvc02"}
    body["properties"]["agentDetails"] |= {"id": "fabvc02-agent", "version": "2.0.3402.118"}
    changed.add(body)
    return changed


def test_the_invitation_went_to_the_mail_of_the_guest(migaudit: Run, saved: Saved) -> None:
    scan = ("scan", "--snapshot", saved(guest_never_accepted), "--error", "60052", "--format", "json")
    [finding] = json.loads(migaudit(*scan).out)["findings"]
    assert (finding["rule"], finding["subject"]["id"]) == ("guest-invitation-pending", GUEST)
    assert "which went to `leeg@contoso.com`" in finding["message"]
    accept, resend = finding["fixes"]
    assert "in the mail of `leeg@contoso.com`" in accept["portal"][0]
    assert "It goes to `leeg@contoso.com`." in resend["portal"][0]


def test_a_sign_in_name_never_stands_for_a_mail_address(migaudit: Run, saved: Saved) -> None:
    scan = ("scan", "--snapshot", saved(without_mail), "--error", "60052", "--format", "json")
    [finding] = json.loads(migaudit(*scan).out)["findings"]
    assert "which went to an address that the directory does not show" in finding["message"]
    assert "in the mail of an address that the directory does not show" in finding["fixes"][0]["portal"][0]


def versions(migaudit: Run, snapshot: Path) -> dict[str, str]:
    scan = ("scan", "--snapshot", snapshot, "--rule", "appliance-outdated", "--all-verdicts", "--format", "json")
    return {one["subject"]["name"]: one["verdict"] for one in json.loads(migaudit(*scan).out)["findings"]}


def test_one_version_everywhere_is_nothing_to_compare_with(migaudit: Run, saved: Saved) -> None:
    found = versions(migaudit, saved(all_appliances_of_one_old_version))
    assert set(found.values()) == {"not_applicable"}
    assert len(found) == 2


def test_a_newer_appliance_of_the_same_kind_is_something_to_compare_with(migaudit: Run, saved: Saved) -> None:
    found = versions(migaudit, saved(one_newer_appliance))
    assert sorted(found.values()) == ["fail", "not_applicable", "pass"]
    assert found["fabvc02"] == "pass"
