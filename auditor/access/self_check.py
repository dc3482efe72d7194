"""The engine's answer for the signed-in account beside Azure's own: `…/providers/Microsoft.Authorization/permissions`.

Azure returns the caller's permission objects at a scope. Whether they reflect deny assignments and conditions is not
documented, so only what cannot be explained by either counts as a disagreement.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.access.patterns import normalized
from auditor.access.roles import Role, Strength
from auditor.access.verdicts import Answer, Plane, ReasonKind, Verdict
from auditor.inventory.resources.authorization import Permission


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One action that Azure and the engine judge differently for the signed-in account."""

    action: str
    azure_allows: bool
    answer: Answer


def azure_allows(permissions: Iterable[Permission], action: str, plane: Plane = Plane.CONTROL) -> bool:
    """Return whether the caller's permission objects cover `action`, each evaluated by itself, then united."""
    return Role("", "", permissions).match(normalized(action), plane).strength is not Strength.NONE


def disagreement(
    answer: Answer, permissions: Iterable[Permission], action: str, plane: Plane = Plane.CONTROL
) -> Disagreement | None:
    """Return the disagreement between the engine's `answer` and Azure's `permissions` on `action`, or None.

    An answer that is open (unknown, conditional, eligible) contradicts nothing, nor does a deny assignment that Azure's
    list may leave out.
    """
    allows = azure_allows(permissions, action, plane)
    if answer.verdict is Verdict.ALLOW and not allows:
        return Disagreement(action, allows, answer)
    explicit = any(reason.kind is ReasonKind.DENY_ASSIGNMENT for reason in answer.because)
    if answer.verdict is Verdict.DENY and allows and not explicit:
        return Disagreement(action, allows, answer)
    return None
