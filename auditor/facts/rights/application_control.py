"""An account's control over the Entra applications that registering users created for a project's appliances."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.facts.entities.applications import application_exists
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.fact import Fact, Gap, Unknown, all_of, any_of, hidden_by, map_fact, not_
from auditor.facts.rights.questions import AccountAccess, granted
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import HYPERV_SITES, SERVER_SITES, VMWARE_SITES

_OTHER_SITES = frozenset({HYPERV_SITES.lower(), SERVER_SITES.lower()})


@dataclass(frozen=True, slots=True)
class ApplicationControl:
    """The applications of a project's VMware appliances, judged for one account.

    Per appliance, `by_user` says whether it has an application that a registering user created, and `controlled`
    whether that application is no obstacle for the account. `hidden` are gaps that may hide further appliances.
    """

    appliances: tuple[ApplianceOnSite, ...]
    by_user: tuple[Fact[bool], ...]
    controlled: tuple[Fact[bool], ...]
    hidden: tuple[Gap, ...]

    @property
    def unread(self) -> tuple[Unknown, ...]:
        """One unknown if an appliance could not be read, since it may have another application; otherwise empty."""
        return hidden_by(self.hidden)

    @property
    def ids(self) -> list[str]:
        """The application ids, one per appliance."""
        return [appliance.application_id or "" for appliance in self.appliances]

    @property
    def every(self) -> Fact[bool]:
        """Whether the account controls every application that a registering user created."""
        return all_of([*self.controlled, *self.unread])

    @property
    def foreign(self) -> tuple[str, ...]:
        """The ids of the applications that the account is known not to control, each once."""
        pairs: Mapping[str, None] = {
            id_: None for id_, fine in zip(self.ids, self.controlled, strict=True) if fine.is_false
        }
        return tuple(pairs)


def application_control(context: Context, account: AccountAccess, project: ArmId) -> ApplicationControl:
    """Return whether `account` controls each application of the VMware appliances of `project`.

    Starting discovery changes an application only for VMware. A pre-made application and an Arc machine's identity need
    no owner, so they count as controlled. So does a deleted application, which other facts report.
    """
    appliances = tuple(
        appliance
        for appliance in context.estate.appliances_of(project)
        if appliance.application_id and appliance.what == VMWARE_SITES
    )
    hidden = tuple(gap for gap in context.estate.site_gaps(project) if gap.what.lower() not in _OTHER_SITES)
    by_user = tuple(_by_user(context, appliance) for appliance in appliances)
    controlled = tuple(
        _controlled(context, account, appliance, user) for appliance, user in zip(appliances, by_user, strict=True)
    )
    return ApplicationControl(appliances, by_user, controlled, hidden)


def _by_user(context: Context, appliance: ApplianceOnSite) -> Fact[bool]:
    """Return whether the appliance has an application that a registering user created; none that was deleted counts."""
    existing = application_exists(context, appliance)
    if existing.is_false:
        return existing
    return map_fact(lambda mode: mode is Mode.USER, context.directory.mode_of(appliance))


def _controlled(
    context: Context, account: AccountAccess, appliance: ApplianceOnSite, by_user: Fact[bool]
) -> Fact[bool]:
    exists = application_exists(context, appliance)
    controls = granted(context.access.controls_application(account.object_id, appliance.application_id or ""))
    return any_of((not_(by_user), not_(exists), controls))
