"""The virtual networks whose subnets the firewalls of appliances' key vaults list, read one by one by their ids."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from auditor.collect.listing import Feature, Listing, Rest
from auditor.collect.reader import Reader
from auditor.collect.readers import keyvault
from auditor.collect.readers.from_rows import tracked
from auditor.collect.readers.policies import distinct, readable
from auditor.collect.recording import Recording
from auditor.collect.workers import Job
from auditor.inventory.lists import SOLUTIONS, VIRTUAL_NETWORKS, Purpose
from auditor.inventory.policy_values import mappings

_SUBNETS = "/subnets/"

NETWORKS = Listing(what=VIRTUAL_NETWORKS, feature=Feature.VAULTS, source=Rest("{scope}", ("2024-05-01",)))


def network_jobs(reader: Reader) -> list[Job]:
    """Return one job for each virtual network that the firewall of a vault of an appliance names."""
    found = [one for one in distinct(readable(_named(reader.recording))) if not reader.recording.holds(one)]
    for one in found:
        reader.recording.plan(NETWORKS.what, one)
    return [partial(reader.read_one, NETWORKS, one) for one in found]


def _named(recording: Recording) -> Iterator[str]:
    used = {identity.lower() for identity in _used(recording)}
    for body in recording.bodies(keyvault.VAULTS.what):
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
