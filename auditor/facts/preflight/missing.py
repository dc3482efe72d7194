"""The rights that a step lacks, one by one, and the rights that depend on a condition."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.access.verdicts import AccessVerdict, ReasonKind
from auditor.facts.fact import Evidence
from auditor.facts.preflight.check import StepCheck
from auditor.facts.rights.documented_roles import refused_by_the_table
from auditor.facts.rights.questions import AskedRight
from auditor.facts.rights.steps import Part
from auditor.facts.rights.vault_access import as_documented

DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Missing:
    """A right that the account is known to lack: any one of `actions` at `scope`.

    `plane` is `control`, `data` or `directory`. `eligible` says that a role which grants it can be activated;
    `denied_by` are the deny assignments that deny it, whatever roles the account holds. `assigns` are the GUIDs of the
    roles that an action which assigns roles has to give. `refused_by` is the key vault that trusts another tenant.
    `called` is the scope as people know it, where its id does not say it; otherwise empty.
    """

    actions: tuple[str, ...]
    scope: str
    plane: str
    eligible: bool = False
    denied_by: tuple[Evidence, ...] = ()
    assigns: tuple[str, ...] = ()
    refused_by: tuple[Evidence, ...] = ()
    called: str = ""

    @property
    def can_be_given(self) -> bool:
        """Whether a role or an access policy would give it: nothing refuses it whatever the account holds."""
        return not self.denied_by and not self.refused_by


@dataclass(frozen=True, slots=True)
class Conditional:
    """A right that is granted under a condition only; `condition` is its text."""

    action: str
    scope: str
    condition: str


def missing_of(check: StepCheck) -> tuple[Missing, ...]:
    """Return every right that the step is known to lack, in the order of its needs."""
    if check.is_done:
        return ()
    return tuple(dict.fromkeys((*_arm(check), *_directory(check))))


def wanted_of(check: StepCheck) -> tuple[Missing, ...]:
    """Return the rights that a role or policy should give: the missing ones, and those documented otherwise.

    That is all documented ones in vaults, and those that only roles give which are documented for other steps.
    """
    if check.is_done:
        return ()
    vaults = check.has.vaults
    documented = (
        _missing(right)
        for vault, asked in vaults.documented.items()
        for right in asked
        if vault not in vaults.gone and as_documented(right).is_false
    )
    by_table = map(_missing, refused_by_the_table(check.step, check.has.needed))
    return tuple(dict.fromkeys((*missing_of(check), *documented, *by_table)))


def conditional_of(check: StepCheck) -> tuple[Conditional, ...]:
    """Return the rights of the step that depend on a condition, each with the text of the condition."""
    if check.is_done:
        return ()
    return tuple(
        Conditional(right.label, right.scope, _condition(right)) for right in check.asked if right.conditional.is_true
    )


def _arm(check: StepCheck) -> Iterator[Missing]:
    gone = {str(vault) for vault in check.has.vaults.gone}
    registering = [one.register for one in check.has.providers.each if one.lacking]
    for right in (*check.asked, *registering):
        granted = right.granted
        if granted.is_false and right.scope not in gone:
            yield _missing(right)


def _missing(right: AskedRight) -> Missing:
    return Missing(
        right.actions,
        right.scope,
        right.plane.value,
        right.eligible,
        right.denied_by,
        right.assigns,
        right.refused_by,
    )


def _directory(check: StepCheck) -> Iterator[Missing]:
    if check.failing(Part.ENTRA):
        yield from (Missing((one.action,), one.scope, DIRECTORY, one.eligible) for one in check.directory)


def _condition(right: AskedRight) -> str:
    texts = [
        reason.text
        for answer in right.answers
        if answer.verdict is AccessVerdict.CONDITIONAL
        for reason in answer.because
        if reason.kind in {ReasonKind.CONDITION, ReasonKind.DENY_ASSIGNMENT}
    ]
    return "; ".join(dict.fromkeys(texts))
