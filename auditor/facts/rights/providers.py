"""Resource providers that a step needs: whether each is registered, and whether an account may register it."""

from dataclasses import dataclass

from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, any_of, combine, once
from auditor.facts.presence import NOT_IN_BODY
from auditor.facts.rights.questions import AccountAccess, AskedRight
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import PROVIDERS, needs_of
from auditor.inventory.resources.subscriptions import ProviderRegistration


@dataclass(frozen=True, slots=True)
class _Provider:
    namespace: str
    registered: Fact[bool]
    register: AskedRight


@dataclass(frozen=True, slots=True)
class ProviderStates:
    """The providers that a step needs in one subscription, judged for one account."""

    each: tuple[_Provider, ...]

    @property
    def usable(self) -> Fact[bool]:
        """Whether every provider is registered, or the account may register it."""
        return all_of(any_of((provider.registered, provider.register.granted)) for provider in self.each)

    @property
    def unregistered(self) -> Fact[list[str]]:
        """The namespaces that are not registered."""
        states = [provider.registered for provider in self.each]
        names = [provider.namespace for provider in self.each]
        return combine(lambda *known: [name for name, is_on in zip(names, known, strict=True) if not is_on], *states)

    @property
    def missing(self) -> Fact[list[str]]:
        """The rights to register that the account lacks, for providers that are not registered."""
        usable = [any_of((provider.registered, provider.register.granted)) for provider in self.each]
        rights = [str(provider.register) for provider in self.each]
        return combine(lambda *known: [right for right, fine in zip(rights, known, strict=True) if not fine], *usable)

    @property
    def texts(self) -> dict[str, str]:
        """The first provider that is known to be unregistered, as `provider`; empty if there is none."""
        unregistered = [one.namespace for one in self.each if one.registered.is_false]
        return {"provider": unregistered[0]} if unregistered else {}

    @property
    def in_words(self) -> str:
        """The providers known to be unregistered that the account may not register; empty if there are none."""
        return "; ".join(
            f"the resource provider `{provider.namespace}` is not registered, and it may not register it"
            for provider in self.each
            if provider.registered.is_false and provider.register.granted.is_false
        )


def providers_of(
    inventory: Inventory, account: AccountAccess, project: ArmId, namespaces: tuple[str, ...]
) -> ProviderStates:
    """Return the registration states of `namespaces` in the project's subscription."""
    subscription = project.subscription_id or project
    return ProviderStates(
        tuple(
            _Provider(
                namespace,
                provider_registered(inventory, subscription, namespace),
                account.ask([f"{namespace}/register/action"], subscription),
            )
            for namespace in namespaces
        )
    )


def provider_registered(inventory: Inventory, subscription: ArmId, namespace: str) -> Fact[bool]:
    """Return whether a provider is registered.

    Azure lists unregistered providers too, so a provider that is not listed stays unknown.
    """
    identity = f"{subscription}/providers/{namespace}"
    held = inventory.get(identity)
    if isinstance(held, ProviderRegistration) and held.registered is not None:
        return Known(held.registered, (Evidence(identity, f"registrationState: {held.registration_state}"),))
    gaps = inventory.gaps(PROVIDERS, identity)
    missing = Gap(
        PROVIDERS, identity, 0, NOT_IN_BODY, "Azure did not say whether it is registered", needs_of(PROVIDERS)
    )
    return Unknown(once(gaps) or (missing,))
