"""The access of an appliance's own application to the key vault that the appliance uses.

An appliance that was registered works without a signed-in user: its application reads secrets in the vault. Older
appliances have a second application for the vault, which nothing in Azure names; of them nothing is said.
Source: https://learn.microsoft.com/azure/migrate/troubleshoot-appliance
"""

from auditor.access.verdicts import Plane
from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.estate.registration_modes import FOR_BOTH, Mode
from auditor.facts.fact import Evidence, Fact, Known, Unknown, map_fact
from auditor.facts.presence import not_in_body
from auditor.facts.rights.questions import AccountAccess, denied, granted
from auditor.inventory.lists import SERVICE_PRINCIPALS

READS_SECRETS = "Microsoft.KeyVault/vaults/secrets/getSecret/action"


def uses_vault_itself(context: Context, appliance: ApplianceOnSite) -> Fact[bool]:
    """Return whether the application that the site names is the one that reads the vault.

    That holds for an application made in advance and for one that the appliance made for both purposes. It does not for
    the identity of an Arc machine, nor for an application that is gone, which is a finding of its own.
    """
    app_id = appliance.application_id
    if app_id is None:
        return not_in_body(context.inventory, appliance.what, str(appliance.site.arm_id), "application")
    principal = context.directory.principal(app_id)
    if principal is None:
        gaps = context.inventory.gaps(SERVICE_PRINCIPALS, app_id)
        return Unknown(gaps) if gaps else Known(False, (Evidence(app_id, "has no service principal"),))
    if (principal.display_name or "").lower().endswith(FOR_BOTH):
        return Known(True, (Evidence(principal.id, f"name: {principal.display_name}"),))
    return map_fact(lambda mode: mode is Mode.APP, context.directory.mode_of(appliance))


def reads_vault(context: Context, appliance: ApplianceOnSite) -> Fact[bool]:
    """Return whether the appliance's application may read secrets in the vault that the appliance uses."""
    vault = context.estate.vault_of(appliance)
    principal = context.directory.principal(appliance.application_id or "")
    if vault is None or principal is None:
        return not_in_body(context.inventory, appliance.what, str(appliance.site.arm_id), "key vault and application")
    return granted(context.access.decide(principal.id, READS_SECRETS, vault, Plane.DATA), READS_SECRETS, str(vault))


def is_denied(context: Context, appliance: ApplianceOnSite) -> Fact[bool]:
    """Return whether a deny assignment denies the appliance's application to read secrets in the vault."""
    vault = context.estate.vault_of(appliance)
    principal = context.directory.principal(appliance.application_id or "")
    if vault is None or principal is None:
        return not_in_body(context.inventory, appliance.what, str(appliance.site.arm_id), "key vault and application")
    asked = AccountAccess(context.access, principal.id).ask([READS_SECRETS], vault, Plane.DATA)
    return denied(context.inventory, principal.id, [asked])
