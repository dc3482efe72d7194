"""The network rules of a key vault, decided for the addresses that an appliance shows: admitted, refused or undecided.

Source of the rules: Azure Key Vault's pages on network security. The firewall limits the content of a vault, not its
management. A private endpoint is exempt from it, also where public access is off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

from auditor.inventory.inventory import Inventory
from auditor.inventory.policy_values import mappings
from auditor.inventory.resources.keyvault import Vault

Address = IPv4Network | IPv6Network
"""One address or a range of them."""

SERVICE = "Microsoft.KeyVault"
"""The service endpoint that a subnet needs for its rule in a vault's firewall to work."""
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
"""The addresses that networks use inside (RFC 1918, RFC 6598, RFC 4193) and never show to the internet."""
_NEVER_SHOWN = tuple(map(ip_network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4")))
"""The addresses that no machine shows to another: unspecified, its own, of one link, to many, reserved (RFC 6890)."""
_ENABLED, _DISABLED, _PERIMETER = "enabled", "disabled", "securedbyperimeter"
_NOT_APPROVED = frozenset({"pending", "rejected", "disconnected"})


class Admission(Enum):
    """Whether a vault's network rules let an appliance reach the content of the vault."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class AdmittedSubnet:
    """A subnet that a vault's firewall lists.

    `endpoints` are the services for which it has a service endpoint and `prefixes` its addresses; both are None if the
    subnet was not read.
    """

    id: str
    endpoints: tuple[str, ...] | None
    prefixes: tuple[Address, ...] | None = None

    @property
    def has_endpoint(self) -> bool | None:
        """Whether it has a service endpoint for Key Vault; None if it was not read."""
        if self.endpoints is None:
            return None
        return any(one.lower() in {SERVICE.lower(), f"{SERVICE}.global".lower()} for one in self.endpoints)


@dataclass(frozen=True)
class VaultNetwork:
    """The networks that may reach the content of one vault."""

    inventory: Inventory
    vault: Vault

    @property
    def _access(self) -> str:
        return (self.vault.properties.public_network_access or _ENABLED).strip().lower()

    @property
    def public_access(self) -> bool | None:
        """Whether public access is on, so that the firewall decides; None for a value that is not understood."""
        return {_ENABLED: True, _DISABLED: False}.get(self._access)

    @property
    def denies(self) -> bool:
        """Whether the firewall refuses every network that it does not list."""
        return self._default != "allow"

    @property
    def _default(self) -> str:
        rules = self.vault.properties.network_acls
        stated = rules.default_action if rules else None
        return (stated or "allow").strip().lower()

    @property
    def open(self) -> bool:
        """Whether every network may reach the content."""
        return self.public_access is True and not self.denies

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses that the firewall lists, as far as they are understood."""
        return tuple(collapsed(one for one in self._listed if one is not None))

    @cached_property
    def _listed(self) -> tuple[Address | None, ...]:
        rules = self.vault.properties.network_acls
        return tuple(_address(item) for item in _items(rules.ip_rules if rules else None))

    @cached_property
    def subnets(self) -> tuple[AdmittedSubnet, ...]:
        """The subnets that the firewall lists."""
        return tuple(subnet(self.inventory, identity) for identity in self._subnet_ids if identity is not None)

    @property
    def _subnet_ids(self) -> tuple[str | None, ...]:
        rules = self.vault.properties.network_acls
        return tuple(_id_of(item) for item in _items(rules.virtual_network_rules if rules else None))

    @property
    def not_understood(self) -> bool:
        """Whether a rule, the default action or the state of a private endpoint connection is not understood."""
        if self._default not in {"allow", "deny"}:
            return True
        return None in self._listed or None in self._subnet_ids or None in self._connections.values()

    @cached_property
    def _connections(self) -> dict[str, bool | None]:
        """The private endpoint connections by name: approved, not approved, or None if the state is not understood."""
        listed = self.vault.properties.private_endpoint_connections
        if listed is None:
            return {}
        if not isinstance(listed, list):
            return {"": None}
        return {f"{_endpoint_name(item)}#{number}": _approved(item) for number, item in enumerate(listed)}

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The names of the private endpoints whose connection was approved."""
        approved = (name.rpartition("#")[0] for name, state in self._connections.items() if state)
        return tuple(sorted({name or "a private endpoint" for name in approved}))

    @property
    def pending(self) -> tuple[str, ...]:
        """The names of the private endpoints whose connection waits for its approval."""
        listed = mappings(self.vault.properties.private_endpoint_connections)
        return tuple(sorted({_endpoint_name(item) or "a private endpoint" for item in listed if _is_pending(item)}))

    @property
    def reachable(self) -> bool | None:
        """Whether some network reaches the content: any, a listed one, or one with an approved private endpoint."""
        if self.open or self.endpoints:
            return True
        if self.public_access is None:
            return None
        if self.public_access and (self.addresses or self.subnets):
            return True
        return None if self.not_understood else False

    def admits(self, shown: Sequence[Address]) -> Admission:
        """Return whether an appliance reaches the content; `shown` are its addresses, empty if they are not known.

        All of them must be admitted. A private address counts as connected to the network of a private endpoint,
        since the firewall sees it only there and in subnets that it lists.
        """
        if self.open:
            return Admission.ADMITTED
        if self.reachable is False:
            return Admission.REFUSED
        if not shown or self.public_access is None:
            return Admission.UNDECIDED
        found = {self._admits(one) for one in shown}
        if found == {Admission.ADMITTED}:
            return Admission.ADMITTED
        return Admission.REFUSED if Admission.REFUSED in found else Admission.UNDECIDED

    def _admits(self, address: Address) -> Admission:
        if self.endpoints and is_private(address):
            return Admission.ADMITTED
        if self.public_access and any(_within(address, one) for one in self.addresses):
            return Admission.ADMITTED
        if self.public_access and any(
            one.has_endpoint and any(_within(address, prefix) for prefix in one.prefixes or ()) for one in self.subnets
        ):
            return Admission.ADMITTED
        other_ways = self.endpoints or self.subnets or self.not_understood or is_private(address)
        if other_ways or any(address.overlaps(one) for one in self.addresses if one.version == address.version):
            return Admission.UNDECIDED
        return Admission.REFUSED

    def text(self, shown: Sequence[Address] = ()) -> str:
        """Return a sentence about the networks that reach the content, and about those shown that do not."""
        name = self.vault.display_name
        endpoints = f"; reachable through private endpoints: {_quoted(self.endpoints)}" if self.endpoints else ""
        if self._access == _PERIMETER:
            return f"a network security perimeter decides which networks reach the key vault `{name}`{endpoints}"
        if self.public_access is None:
            value = self.vault.properties.public_network_access
            return f"the public access of the key vault `{name}` is `{value}`, which is not understood{endpoints}"
        if not self.public_access:
            ends = endpoints or "; it has no approved private endpoint"
            return f"the key vault `{name}` has no public access{ends}"
        if not self.denies:
            return f"every network reaches the key vault `{name}`"
        return f"the firewall of the key vault `{name}` {self._lists()}{self._not_listed(shown)}{endpoints}"

    def _lists(self) -> str:
        parts = []
        if self.addresses:
            parts.append(f"the addresses {_quoted(map(written, self.addresses))}")
        parts.extend(f"the subnet `{one.id}`{_ENDPOINT_TEXTS[one.has_endpoint]}" for one in self.subnets)
        if self.not_understood:
            parts.append("networks that are not understood")
        if not parts:
            return "denies every network: its default action is Deny, and it lists none" + self._beside
        return f"admits only {' and '.join(parts)}{self._beside}"

    @property
    def _beside(self) -> str:
        rules = self.vault.properties.network_acls
        bypass = (rules.bypass if rules else None) or ""
        return "" if bypass.lower() == "none" else " (trusted services of Azure may pass; an appliance is none)"

    def _not_listed(self, shown: Sequence[Address]) -> str:
        refused = [one for one in shown if self._admits(one) is not Admission.ADMITTED]
        return f"; it does not list {_quoted(map(written, refused))}" if refused and self._lists_any else ""

    @property
    def _lists_any(self) -> bool:
        return bool(self.addresses or self.subnets or self.not_understood)


_ENDPOINT_TEXTS = {
    True: "",
    False: f", which has no service endpoint for {SERVICE}, so that the rule has no effect",
    None: f" (whether it has a service endpoint for {SERVICE} was not read)",
}


def address_of(text: str) -> Address:
    """Return an address or a range in CIDR notation; raises `ValueError` for any other text."""
    return ip_network(text.strip(), strict=False)


def unusable(address: Address) -> str:
    """Return why an appliance cannot show this address, or all of this range, to a key vault; empty if it can."""
    if isinstance(address, IPv6Network):
        return "is of IP version 6, and the firewall of a key vault takes version 4 only"
    if any(address.overlaps(one) for one in _NEVER_SHOWN):
        return (
            "contains addresses that no appliance shows: unspecified, loopback, link-local, multicast or reserved ones"
        )
    if not is_private(address) and any(address.overlaps(one) for one in _PRIVATE if one.version == address.version):
        return "contains private and public addresses"
    return ""


def is_private(address: Address) -> bool:
    """Return whether an address is used inside a network only."""
    return any(_within(address, one) for one in _PRIVATE)


def collapsed(addresses: Iterator[Address]) -> Iterator[Address]:
    """Yield the addresses with neighbouring and nested ranges joined, version 4 first."""
    every = tuple(addresses)
    yield from collapse_addresses(one for one in every if isinstance(one, IPv4Network))
    yield from collapse_addresses(one for one in every if isinstance(one, IPv6Network))


def subnet(inventory: Inventory, identity: str) -> AdmittedSubnet:
    """Return the subnet with an id, from the body of its virtual network if that was read."""
    network = identity.lower().partition("/subnets/")[0]
    body = inventory.body(network)
    for item in mappings(_properties(body).get("subnets")) if body else ():
        if str(item.get("id")).lower() == identity.lower():
            held = _properties(item)
            services = tuple(str(one.get("service")) for one in mappings(held.get("serviceEndpoints")))
            stated = held.get("addressPrefixes") or [held.get("addressPrefix")]
            prefixes = tuple(one for one in map(_prefix, stated if isinstance(stated, list) else []) if one is not None)
            return AdmittedSubnet(identity, services, prefixes)
    return AdmittedSubnet(identity, None)


def _prefix(value: object) -> Address | None:
    return _address({"value": value}) if isinstance(value, str) else None


def _properties(body: object) -> dict[str, Any]:
    held = body.get("properties") if isinstance(body, dict) else None
    return held if isinstance(held, dict) else {}


def _items(listed: object) -> list[Any]:
    """Return the rules of a list; a value that is no list counts as one rule that is not understood."""
    if listed is None:
        return []
    return listed if isinstance(listed, list) else [listed]


def _address(rule: object) -> Address | None:
    value = rule.get("value") if isinstance(rule, dict) else None
    try:
        return address_of(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _id_of(rule: object) -> str | None:
    value = rule.get("id") if isinstance(rule, dict) else None
    return value if isinstance(value, str) and value else None


def _within(inner: Address, outer: Address) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def _approved(connection: object) -> bool | None:
    text = _status(connection)
    return True if text == "approved" else False if text in _NOT_APPROVED else None


def _is_pending(connection: object) -> bool:
    return _status(connection) == "pending"


def _status(connection: object) -> str:
    state = _properties(connection).get("privateLinkServiceConnectionState")
    status = state.get("status") if isinstance(state, dict) else None
    return str(status).strip().lower()


def _endpoint_name(connection: object) -> str:
    endpoint = _properties(connection).get("privateEndpoint")
    identity = endpoint.get("id") if isinstance(endpoint, dict) else None
    return identity.rpartition("/")[2] if isinstance(identity, str) else ""


def written(address: Address) -> str:
    """Return an address as text; a single one without its prefix."""
    return str(address.network_address) if address.num_addresses == 1 else str(address)


def _quoted(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)
