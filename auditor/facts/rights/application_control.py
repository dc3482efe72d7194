"""Whether an account controls the Entra applications that registering users made for a project's appliances."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.facts.entities.applications import application_exists
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.fact import Fact, Gap, Unknown, all_of, any_of, hidden_by, map_fact, not_
from auditor.facts.rights.questions import AccountAccess, granted
from auditor.inventory.arm_id import ArmId


@dataclass(frozen=True, slots=True)
class ApplicationControl:
    """The applications of a project's appliances as one account meets them.

    `by_user` says of each appliance whether a registering user made its application, `controlled` whether the account
    is fine with it; `hidden` is what may hide further appliances.
    """

    appliances: tuple[ApplianceOnSite, ...]
    by_user: tuple[Fact[bool], ...]
    controlled: tuple[Fact[bool], ...]
    hidden: tuple[Gap, ...]

    @property
    def unread(self) -> tuple[Unknown, ...]:
        """One unknown where an appliance could not be read: it may have another application."""
        return hidden_by(self.hidden)

    @property
    def ids(self) -> list[str]:
        """The application ids, one for each appliance."""
        return [appliance.application_id or "" for appliance in self.appliances]

    @property
    def every(self) -> Fact[bool]:
        """Whether the account controls all that registering users made."""
        return all_of([*self.controlled, *self.unread])

    @property
    def foreign(self) -> tuple[str, ...]:
        """The ids of the applications that the account is known not to control, each once."""
        pairs: Mapping[str, None] = {
            id_: None for id_, fine in zip(self.ids, self.controlled, strict=True) if fine.is_false
        }
        return tuple(pairs)


def application_control(context: Context, account: AccountAccess, project: ArmId) -> ApplicationControl:
    """Return how `account` stands to the applications of `project`.

    A pre-made application and an Arc machine's identity are nobody's to own here: they count as controlled. So does one
    that is gone, which is another fault.
    """
    appliances = tuple(appliance for appliance in context.estate.appliances_of(project) if appliance.application_id)
    by_user = tuple(
        map_fact(lambda mode: mode is Mode.USER, context.directory.mode_of(appliance)) for appliance in appliances
    )
    controlled = tuple(
        _controlled(context, account, appliance, user) for appliance, user in zip(appliances, by_user, strict=True)
    )
    return ApplicationControl(appliances, by_user, controlled, context.estate.site_gaps(project))


def _controlled(
    context: Context, account: AccountAccess, appliance: ApplianceOnSite, by_user: Fact[bool]
) -> Fact[bool]:
    there = application_exists(context, appliance)
    controls = granted(context.access.controls_application(account.object_id, appliance.application_id or ""))
    return any_of((not_(by_user), not_(there), controls))
