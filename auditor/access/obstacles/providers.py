"""Resource providers that are not registered where something of theirs is to change, and who could register them."""

from collections.abc import Callable, Iterator

from auditor.access.rbac.scopes import ScopePlace
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Note, NoteKind, Plane
from auditor.access.who_can import WhoCan
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.subscriptions import ProviderRegistration

_MOST = 3
"""Names that are told of all who could help."""

Decide = Callable[[str, str, ArmId, Plane], AccessAnswer]
Find = Callable[[str, ArmId, Plane], WhoCan]


class ProviderState:
    """Tells of unregistered providers; who could register one is found once a subscription and remembered."""

    def __init__(self, inventory: Inventory, decide: Decide, find: Find) -> None:
        """Keep the parts that are asked: `decide` about one account, `find` everyone who can."""
        self._inventory = inventory
        self._decide = decide
        self._find = find
        self._known: dict[tuple[str, str], str] = {}

    def notes(self, principal: str, operation: str, place: ScopePlace) -> Iterator[Note]:
        """Return that the provider of `operation` (normalized) is not registered at `place`, and who may register it.

        Reading needs no registration, nor does registering itself.
        """
        subscription, namespace = place.scope.subscription_id, operation.partition("/")[0]
        if subscription is None or operation.endswith(("/read", "/register/action")):
            return
        held = self._inventory.get(f"{subscription.key}/providers/{namespace}")
        if not isinstance(held, ProviderRegistration) or held.registered is not False:
            return
        name = held.namespace or namespace
        register = f"{name}/register/action"
        may = self._decide(principal, register, subscription, Plane.CONTROL).verdict is AccessVerdict.ALLOW
        who = "the account may do so" if may else self._who(register, subscription)
        text = f"provider `{name}` is {held.registration_state}; it must be registered first, which needs"
        yield Note(NoteKind.PROVIDER, held.id, f"{text} `{register}` at `{subscription}`: {who}")

    def _who(self, register: str, subscription: ArmId) -> str:
        key = (subscription.key, register.lower())
        if key not in self._known:
            self._known[key] = in_words(self._find(register.lower(), subscription, Plane.CONTROL))
        return self._known[key]


def in_words(found: WhoCan) -> str:
    """Return who may do something, in a few words: who may now, else who may after activating a role."""
    now = [holder.name for holder in found.holders if holder.answer.verdict is AccessVerdict.ALLOW]
    later = [holder.name for holder in found.holders if holder.answer.verdict is AccessVerdict.ELIGIBLE]
    if now or later:
        names = now or later
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        quoted = ", ".join(f"`{name}`" for name in names[:_MOST])
        return f"{quoted}{more} may" + ("" if now else " after activating a role")
    return "nobody who was read may" if found.at_least else "nobody may"
