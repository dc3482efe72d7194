"""The self-check of one answer: the engine's verdict on one action, compared with Azure's own permission list.

Azure's list is `…/providers/Microsoft.Authorization/permissions`: the permission objects of the signed-in account at a
scope. Whether they reflect deny assignments and conditions is not documented, so a difference that either could explain
is no disagreement. `auditor.facts.preflight.self_check` sums these comparisons up over all rights of a preflight.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import Role, Strength
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane, ReasonKind
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import Permission

PERMISSIONS = "Microsoft.Authorization/permissions"


@dataclass(frozen=True, slots=True)
class RightDisagreement:
    """An action on which Azure and the engine contradict each other for the signed-in account."""

    action: str
    azure_allows: bool
    answer: AccessAnswer


def azure_allows(permissions: Iterable[Permission], action: str, plane: Plane = Plane.CONTROL) -> bool:
    """Return whether any of the caller's permission objects covers `action`; each is evaluated by itself."""
    return Role("", "", permissions).match(normalized(action), plane).strength is not Strength.NONE


def disagreement(
    answer: AccessAnswer, permissions: Iterable[Permission], action: str, plane: Plane = Plane.CONTROL
) -> RightDisagreement | None:
    """Return the disagreement between the engine's `answer` and Azure's `permissions` on `action`, or None.

    An unknown, conditional or eligible answer contradicts nothing. Neither does a denial by a deny assignment, which
    Azure's list may leave out.
    """
    allows = azure_allows(permissions, action, plane)
    if answer.verdict is AccessVerdict.ALLOW and not allows:
        return RightDisagreement(action, allows, answer)
    explicit = any(reason.kind is ReasonKind.DENY_ASSIGNMENT for reason in answer.because)
    if answer.verdict is AccessVerdict.DENY and allows and not explicit:
        return RightDisagreement(action, allows, answer)
    return None


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """The comparison of Azure's permission list and the engine's answer on one action of the signed-in account."""

    action: str
    scope: str
    azure_allows: bool
    answer: AccessAnswer
    disagrees: bool

    @property
    def text(self) -> str:
        """The comparison in one sentence."""
        covers = "covers" if self.azure_allows else "does not cover"
        text = f"Azure's own list of the signed-in account's permissions here {covers} `{self.action}`"
        if self.disagrees:
            return f"{text}, which contradicts this answer ({self.answer.verdict.value}): do not rely on either yet"
        return f"{text}, which agrees with this answer" if self._agrees else text

    @property
    def _agrees(self) -> bool:
        return self.azure_allows is (self.answer.verdict is AccessVerdict.ALLOW)


def own_permissions(inventory: Inventory, scope: str) -> tuple[Permission, ...] | None:
    """Return the permission objects that Azure listed for the signed-in account at exactly `scope`.

    None where the list was not requested or could not be parsed.
    """
    head = f"{scope.rstrip('/')}/providers/{PERMISSIONS}/".lower()
    held = [record for record in inventory.of_type(PERMISSIONS) if record.id.lower().startswith(head)]
    reads = inventory.snapshot.reads or ()
    asked = any(read.what.lower() == PERMISSIONS.lower() and read.scope.lower() == scope.lower() for read in reads)
    if not asked and not held:
        return None
    try:
        return tuple(msgspec.json.decode(record.body, type=Permission, strict=False) for record in held)
    except msgspec.ValidationError:
        return None


def self_check(inventory: Inventory, answer: AccessAnswer, action: str, scope: str, plane: Plane) -> SelfCheck | None:
    """Return how Azure's list at `scope` compares with `answer`; None where the list was not read."""
    permissions = own_permissions(inventory, scope)
    if permissions is None:
        return None
    allows = azure_allows(permissions, action, plane)
    return SelfCheck(action, scope, allows, answer, disagreement(answer, permissions, action, plane) is not None)
