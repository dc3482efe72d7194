"""The lists of key vaults, live and soft-deleted, and the virtual networks whose subnets their firewalls list."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from auditor.collect.listing import Feature, Listing, Rest, Sdk
from auditor.collect.reader import Reader
from auditor.collect.readers.from_rows import tracked
from auditor.collect.readers.policies import distinct, readable
from auditor.collect.recording import Recording
from auditor.collect.workers import Job
from auditor.inventory.lists import DELETED_KEY_VAULTS, KEY_VAULTS, SOLUTIONS, VIRTUAL_NETWORKS, Purpose
from auditor.inventory.policy_values import mappings

_SUBNETS = "/subnets/"

VAULTS = Listing(
    what=KEY_VAULTS,
    feature=Feature.VAULTS,
    source=Rest("{scope}/providers/Microsoft.KeyVault/vaults", ("2026-02-01", "2023-07-01", "2021-10-01")),
)


def _client() -> type[Any]:
    from azure.mgmt.keyvault.aio import KeyVaultManagementClient

    return KeyVaultManagementClient


DELETED_VAULTS = Listing(
    what=DELETED_KEY_VAULTS,
    feature=Feature.VAULTS,
    source=Sdk(_client, "vaults.list_deleted", ("2026-05-15", "2023-07-01", "2021-10-01")),
    also_needs=("Microsoft.KeyVault/deletedVaults/read",),
)

NETWORKS = Listing(what=VIRTUAL_NETWORKS, feature=Feature.VAULTS, source=Rest("{scope}", ("2024-05-01",)))


def network_jobs(reader: Reader) -> list[Job]:
    """Return one job for each virtual network that the firewall of a vault of an appliance names."""
    found = [one for one in distinct(readable(_named(reader.recording))) if not reader.recording.holds(one)]
    for one in found:
        reader.recording.plan(NETWORKS.what, one)
    return [partial(reader.read_one, NETWORKS, one) for one in found]


def _named(recording: Recording) -> Iterator[str]:
    used = {identity.lower() for identity in _used(recording)}
    for body in recording.bodies(VAULTS.what):
        if str(body.get("id")).lower() in used:
            rules = _held(_held(body, "properties"), "networkAcls").get("virtualNetworkRules")
            for rule in mappings(rules):
                yield str(rule.get("id")).partition(_SUBNETS)[0]


def _used(recording: Recording) -> Iterator[str]:
    """Yield the ids of the vaults that sites and the solutions of projects name."""
    for body in recording.bodies(SOLUTIONS):
        details = _held(_held(_held(body, "properties"), "details"), "extendedDetails")
        yield str(details.get("keyVaultId"))
    for site in tracked(Purpose.DISCOVERY):
        for body in recording.bodies(site.what):
            yield str(_held(_held(body, "properties"), "agentDetails").get("keyVaultId"))


def _held(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    held = body.get(name)
    return held if isinstance(held, dict) else {}
