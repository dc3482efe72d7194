"""Resource providers that a step needs: whether each is registered, and whether an account may register it."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, any_of, combine, not_, once
from auditor.facts.presence import NOT_IN_BODY
from auditor.facts.rights.questions import AccountAccess, AskedRight
from auditor.facts.rights.steps import steps
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import PROVIDERS, needs_of
from auditor.inventory.resources.subscriptions import ProviderRegistration

REGISTERING = "Registering"
"""Code of a gap for a provider whose registration is under way; its text is shown as an obstacle in a preflight."""
_ALWAYS: Fact[bool] = Known(True)
_REGISTRATION_FREE = frozenset({"microsoft.authorization", "microsoft.resources"})
"""Providers that every subscription has. Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types"""


@dataclass(frozen=True, slots=True)
class NeededProvider:
    """A provider in the subscription in which a step creates its resources; `needed` says whether it does."""

    namespace: str
    subscription: ArmId
    needed: Fact[bool] = _ALWAYS

    @property
    def id(self) -> str:
        """The id of its registration."""
        return f"{self.subscription}/providers/{self.namespace}"


@dataclass(frozen=True, slots=True)
class _Provider:
    namespace: str
    id: str
    needed: Fact[bool]
    registered: Fact[bool]
    register: AskedRight

    @property
    def usable(self) -> Fact[bool]:
        return any_of((not_(self.needed), self.registered, self.register.granted))

    @property
    def lacking(self) -> bool:
        """Whether it is known to be needed and not registered."""
        return self.needed.is_true and self.registered.is_false

    @property
    def is_registering(self) -> bool:
        """Whether it is known to be needed, and its registration is under way."""
        return self.needed.is_true and any(gap.code == REGISTERING for gap in self.registered.gaps)


@dataclass(frozen=True, slots=True)
class ProviderStates:
    """The providers that a step needs, each in the subscription of what is created, judged for one account."""

    each: tuple[_Provider, ...]

    @property
    def usable(self) -> Fact[bool]:
        """Whether every provider is registered, or the account may register it."""
        return all_of(provider.usable for provider in self.each)

    @property
    def unregistered(self) -> Fact[list[str]]:
        """The namespaces that are not registered."""
        return _known_off([(one.namespace, one.registered) for one in self.each])

    @property
    def missing(self) -> Fact[list[str]]:
        """The rights to register that the account lacks, for providers that are not registered."""
        rights = [str(provider.register) for provider in self.each]
        usable = [provider.usable for provider in self.each]
        return combine(lambda *known: [right for right, fine in zip(rights, known, strict=True) if not fine], *usable)

    @property
    def texts(self) -> dict[str, str]:
        """The first provider that is known to be unregistered, as `provider`; empty if there is none."""
        unregistered = [one.namespace for one in self.each if one.lacking]
        return {"provider": unregistered[0]} if unregistered else {}

    @property
    def in_words(self) -> str:
        """The providers known to be unregistered that the account may not register; empty if there are none."""
        return "; ".join(
            f"the resource provider `{provider.namespace}` is not registered, and it may not register it"
            for provider in self.each
            if provider.lacking and provider.register.granted.is_false
        )


def providers_of(inventory: Inventory, account: AccountAccess, needed: Iterable[NeededProvider]) -> ProviderStates:
    """Return the registration states of providers, each once for a subscription."""
    by_id: dict[str, list[NeededProvider]] = {}
    for one in needed:
        by_id.setdefault(one.id.lower(), []).append(one)
    return ProviderStates(
        tuple(
            _Provider(
                same[0].namespace,
                same[0].id,
                any_of(one.needed for one in same),
                provider_registered(inventory, same[0].subscription, same[0].namespace),
                account.ask([f"{same[0].namespace}/register/action"], same[0].subscription),
            )
            for same in by_id.values()
        )
    )


def creating_provider(right: AskedRight, needed: Fact[bool]) -> NeededProvider | None:
    """Return the provider that has to be registered where `right` creates something; None for other rights."""
    subscription = ArmId.parse(right.scope).subscription_id
    namespaces = {action.partition("/")[0] for action in right.actions}
    creates = all(action.lower().endswith("/write") for action in right.actions)
    if subscription is None or not creates or len(namespaces) != 1:
        return None
    namespace = namespaces.pop()
    return None if namespace.lower() in _REGISTRATION_FREE else NeededProvider(namespace, subscription, needed)


def unregistered_in(inventory: Inventory, subscription: ArmId) -> Fact[list[str]]:
    """Return the providers that any step names and that are not registered in a subscription."""
    namespaces = once(name for step in steps().values() for name in step.providers)
    return _known_off([(name, provider_registered(inventory, subscription, name)) for name in namespaces])


def _known_off(states: list[tuple[str, Fact[bool]]]) -> Fact[list[str]]:
    """Return the names that are known to be off; unknown if none is, and one is unknown."""
    off = [(name, state) for name, state in states if state.is_false]
    if off:
        return Known([name for name, _ in off], once(item for _, state in off for item in state.evidence))
    return combine(lambda *_: list[str](), *(state for _, state in states))


def provider_registered(inventory: Inventory, subscription: ArmId, namespace: str) -> Fact[bool]:
    """Return whether a provider is registered; unknown while it is being registered.

    A registration is done region by region, and Azure creates resources where it is done already.
    Azure lists unregistered providers too, so a provider that is not listed stays unknown.
    """
    identity = f"{subscription}/providers/{namespace}"
    held = inventory.get(identity)
    if isinstance(held, ProviderRegistration) and held.registered is not None:
        return Known(held.registered, (Evidence(identity, f"registrationState: {held.registration_state}"),))
    if isinstance(held, ProviderRegistration) and held.is_registering:
        message = f"`{namespace}` is being registered, region by region: wait until it is"
        return Unknown((Gap(PROVIDERS, identity, 0, REGISTERING, message),))
    gaps = inventory.gaps(PROVIDERS, identity)
    missing = Gap(
        PROVIDERS, identity, 0, NOT_IN_BODY, "Azure did not say whether it is registered", needs_of(PROVIDERS)
    )
    return Unknown(once(gaps) or (missing,))
