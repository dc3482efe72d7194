"""Unregistered resource providers that an operation needs, and the accounts that could register them."""

from collections.abc import Callable, Iterator

from auditor.access.rbac.scopes import ScopePlace
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Note, NoteKind, Plane
from auditor.access.who_can import Holder, Holding, WhoCan
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import PENDING, User
from auditor.inventory.resources.subscriptions import ProviderRegistration

_MOST = 3
"""The largest number of account names in a note."""

Decide = Callable[[str, str, ArmId, Plane], AccessAnswer]
Find = Callable[[str, ArmId, Plane], WhoCan]


class ProviderState:
    """The registration state of providers; the accounts that could register one are searched once per subscription."""

    def __init__(self, inventory: Inventory, decide: Decide, find: Find) -> None:
        """Keep the collaborators: `decide` answers for one account, `find` returns all that can."""
        self._inventory = inventory
        self._decide = decide
        self._find = find
        self._known: dict[tuple[str, str], str] = {}

    def notes(self, principal: str, operation: str, place: ScopePlace) -> Iterator[Note]:
        """Yield a note if the provider of `operation` (normalized) is being registered, or is not, with who may do so.

        Reading and registering need no registration.
        """
        subscription, namespace = place.scope.subscription_id, operation.partition("/")[0]
        if subscription is None or operation.endswith(("/read", "/register/action")):
            return
        held = self._inventory.get(f"{subscription.key}/providers/{namespace}")
        if not isinstance(held, ProviderRegistration):
            return
        name = held.namespace or namespace
        if held.is_registering:
            text = f"provider `{name}` is being registered: until that is done in the region, creating here may fail"
            yield Note(NoteKind.PROVIDER, held.id, text)
        if held.registered is not False:
            return
        register = f"{name}/register/action"
        may = self._decide(principal, register, subscription, Plane.CONTROL).verdict is AccessVerdict.ALLOW
        who = "the account may do so" if may else self._who(register, subscription)
        text = f"provider `{name}` is {held.registration_state}; it must be registered first, which needs"
        yield Note(NoteKind.PROVIDER, held.id, f"{text} `{register}` at `{subscription}`: {who}")

    def _who(self, register: str, subscription: ArmId) -> str:
        key = (subscription.key, register.lower())
        if key not in self._known:
            self._known[key] = in_words(self._find(register.lower(), subscription, Plane.CONTROL), self._inventory)
        return self._known[key]


def in_words(found: WhoCan, inventory: Inventory) -> str:
    """Return a phrase that names who may do something now, otherwise who may after activating a role.

    Only groups and users are named, and no user who is known not to get a token: somebody has to sign in to do it.
    """
    holders = [holder for holder in found.holders if _signs_in(holder, inventory)]
    now = [holder.name for holder in holders if holder.answer.verdict is AccessVerdict.ALLOW]
    later = [holder.name for holder in holders if holder.answer.verdict is AccessVerdict.ELIGIBLE]
    if now or later:
        names = now or later
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        quoted = ", ".join(f"`{name}`" for name in names[:_MOST])
        return f"{quoted}{more} may" + ("" if now else " after activating a role")
    if found.at_least:
        return "no known account may, but some lists were not read"
    return "nobody who can sign in may" if found.holders else "nobody may"


def _signs_in(holder: Holder, inventory: Inventory) -> bool:
    held = inventory.object(holder.principal)
    if isinstance(held, User):
        state = held.external_user_state
        return held.account_enabled is not False and not (isinstance(state, str) and state.lower() == PENDING)
    return holder.kind != "ServicePrincipal" and holder.holding is not Holding.ORPHANED
