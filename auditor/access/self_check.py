"""The engine's answer for the signed-in account beside Azure's own: `…/providers/Microsoft.Authorization/permissions`.

Azure returns the caller's permission objects at a scope. Whether they reflect deny assignments and conditions is not
documented, so only what cannot be explained by either counts as a disagreement.
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
    """One action that Azure and the engine judge differently for the signed-in account."""

    action: str
    azure_allows: bool
    answer: AccessAnswer


def azure_allows(permissions: Iterable[Permission], action: str, plane: Plane = Plane.CONTROL) -> bool:
    """Return whether the caller's permission objects cover `action`, each evaluated by itself, then united."""
    return Role("", "", permissions).match(normalized(action), plane).strength is not Strength.NONE


def disagreement(
    answer: AccessAnswer, permissions: Iterable[Permission], action: str, plane: Plane = Plane.CONTROL
) -> RightDisagreement | None:
    """Return the disagreement between the engine's `answer` and Azure's `permissions` on `action`, or None.

    An answer that is open (unknown, conditional, eligible) contradicts nothing, nor does a deny assignment that Azure's
    list may leave out.
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
    """What Azure says of one action of the signed-in account beside what the engine says."""

    action: str
    scope: str
    azure_allows: bool
    answer: AccessAnswer
    disagrees: bool

    @property
    def text(self) -> str:
        """The comparison in a sentence."""
        covers = "covers" if self.azure_allows else "does not cover"
        told = f"Azure's own list of what the signed-in account may do here {covers} `{self.action}`"
        if self.disagrees:
            return f"{told}, against this answer ({self.answer.verdict.value}): rely on neither yet"
        return f"{told}, as the records say" if self._is_plain else f"{told}"

    @property
    def _is_plain(self) -> bool:
        return self.azure_allows is (self.answer.verdict is AccessVerdict.ALLOW)


def own_permissions(inventory: Inventory, scope: str) -> tuple[Permission, ...] | None:
    """Return what Azure told the signed-in account of its permissions at exactly `scope`.

    None where nobody asked, and where what came cannot be understood.
    """
    head = f"{scope.rstrip('/')}/providers/{PERMISSIONS}/".lower()
    held = [record for record in inventory.of_type(PERMISSIONS) if record.id.lower().startswith(head)]
    reads = inventory.snapshot.reads or ()
    asked = any(read.what.lower() == PERMISSIONS.lower() and read.scope.lower() == scope.lower() for read in reads)
    if not asked and not held:
        return None
    try:
        return tuple(msgspec.json.decode(record.body, type=Permission, strict=False) for record in held)
    except msgspec.ValidationError:  # nothing to compare with: the answer stands by itself
        return None


def self_check(inventory: Inventory, answer: AccessAnswer, action: str, scope: str, plane: Plane) -> SelfCheck | None:
    """Return how Azure's list at `scope` compares with `answer` for who signed in; None where it was not read."""
    permissions = own_permissions(inventory, scope)
    if permissions is None:
        return None
    allows = azure_allows(permissions, action, plane)
    return SelfCheck(action, scope, allows, answer, disagreement(answer, permissions, action, plane) is not None)
