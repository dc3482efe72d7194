"""How appliances of a project register, and whether it is a given account that does so."""

from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.fact import Fact, Known, Unknown, any_of, hidden_by, map_fact
from auditor.inventory.arm_id import ArmId

_OWN_IDENTITY = {"ServicePrincipal": Mode.APP, "ManagedIdentity": Mode.ARC}


def mode_of_registration(
    context: Context, project: ArmId, kind: Fact[str], mode: Mode | None, *, asked: bool
) -> Fact[Mode]:
    """Return how appliances of the project register.

    What was said counts first. A service principal that was named can only be an appliance's own identity. Otherwise a
    user registers, unless every appliance the project has came another way.
    """
    if mode is not None:
        return Known(mode)
    if asked and isinstance(kind, Known) and kind.value in _OWN_IDENTITY:
        return Known(_OWN_IDENTITY[kind.value], kind.because)
    if asked and isinstance(kind, Unknown):
        return kind
    appliances = context.estate.appliances_of(project)
    modes = [context.directory.mode_of(appliance) for appliance in appliances]
    hidden = hidden_by(context.estate.site_gaps(project))
    none = Known(not appliances and not hidden)  # an appliance that was not seen may have come another way
    by_user = any_of([*(map_fact(lambda it: it is Mode.USER, fact) for fact in modes), none, *hidden])
    others = {fact.value for fact in modes if isinstance(fact, Known)}
    return map_fact(lambda user: Mode.USER if user else (Mode.ARC if others == {Mode.ARC} else Mode.APP), by_user)


def registers(mode: Mode, kind: str, *, asked: bool) -> bool:
    """Return whether an account of this type (see `account_type`) registers appliances in this mode."""
    if kind in _OWN_IDENTITY:
        return asked and mode is _OWN_IDENTITY[kind]
    return mode is Mode.USER
