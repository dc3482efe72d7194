"""Addresses in the portal: of resources alone, in the portal of their cloud, and never more than an address."""

from urllib.parse import unquote

import pytest
from hypothesis import given

from auditor.report.portal import LONGEST, portal_link
from tests.report.hostile_names import HOSTILE

TENANT = "72c0a7b1-5d3e-4f60-9b1a-c0a050000000"
VAULT = "/subscriptions/0d1e2c3b/resourceGroups/rg (one)/providers/Microsoft.KeyVault/vaults/kv"


@pytest.mark.parametrize(
    ("cloud", "portal"), [("AzureCloud", "com"), ("AzureUSGovernment", "us"), ("AzureChinaCloud", "cn")]
)
def test_each_cloud_has_its_portal(cloud: str, portal: str) -> None:
    path = "/subscriptions/0d1e2c3b/resourceGroups/rg%20(one)/providers/Microsoft.KeyVault/vaults/kv"
    assert portal_link(cloud, TENANT, VAULT) == f"https://portal.azure.{portal}/#@{TENANT}/resource{path}"


def test_a_registration_leads_to_its_project() -> None:
    assert portal_link("AzureCloud", TENANT, f"a5e70001@{VAULT}") == portal_link("AzureCloud", TENANT, VAULT)


def test_what_is_no_resource_has_no_address() -> None:
    assert portal_link("AzureCloud", TENANT, "a5e70001-0000-4000-8000-c0a050000001") is None
    assert portal_link("https://arm.contoso.local", TENANT, VAULT) is None
    assert portal_link("AzureCloud", TENANT, f"/subscriptions/{'x' * LONGEST}") is None


@given(HOSTILE)
def test_whatever_it_is_called_it_is_an_address(name: str) -> None:
    link = portal_link("AzureCloud", TENANT, f"/subscriptions/s{name}")
    assert link is None or (link.isascii() and link.isprintable() and not set(link) & set(" <>\"'`\\"))
    if link and name.isprintable():
        assert unquote(link).endswith(f"/subscriptions/s{name}")
