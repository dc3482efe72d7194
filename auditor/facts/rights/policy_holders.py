"""For whom the access policies of a project's vaults were written."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, any_of, hidden_by
from auditor.facts.presence import NOT_IN_BODY
from auditor.facts.rights.vault_access import hidden_vaults, project_vaults
from auditor.facts.subject import Value, listed
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import DIRECTORY_OBJECTS, KEY_VAULTS, USERS, needs_of
from auditor.inventory.resources.directory import User
from auditor.inventory.resources.keyvault import Vault


def policy_facts(context: Context, account: str, project: ArmId) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on the users other than `account` that an access policy of the project's vaults names."""
    found: list[Fact[bool]] = []
    names: set[str] = set()
    for vault in project_vaults(context, project):
        held = context.inventory.get(vault)
        if not isinstance(held, Vault) or held.properties.access_policies is None:
            found.append(Unknown(_unread(context, vault)))
            continue
        for principal in (policy.object_id or "" for policy in held.properties.access_policies):
            other = context.inventory.object(principal)
            if principal.lower() == account.lower():
                continue
            if other is None and principal:
                found.append(Unknown(_nameless(context, principal)))
            elif isinstance(other, User):
                names.add(other.label)
                found.append(Known(True, (Evidence(str(vault), f"access policy for {other.label}"),)))
    unread = hidden_by(hidden_vaults(context, project))
    texts = {"policy_holders": listed(sorted(names))} if names else {}
    return {"policy_for_another": any_of([*found, *unread])}, texts


def _unread(context: Context, vault: ArmId) -> tuple[Gap, ...]:
    what = KEY_VAULTS
    missing = Gap(what, str(vault), 0, NOT_IN_BODY, "the access policies of the vault were not read", needs_of(what))
    return context.inventory.gaps(what, vault) or (missing,)


def _nameless(context: Context, principal: str) -> tuple[Gap, ...]:
    gaps = (*context.inventory.gaps(USERS, principal), *context.inventory.gaps(DIRECTORY_OBJECTS, principal))
    missing = Gap(USERS, principal, 0, NOT_IN_BODY, "the directory did not return this account", needs_of(USERS))
    return gaps or (missing,)
