"""Facts about the applications, roles, key vaults and access policies that affect a registration."""

from datetime import timedelta

from auditor.facts.entities.applications import application_name
from auditor.facts.estate.environment import Context
from auditor.facts.fact import (
    Evidence,
    Fact,
    Gap,
    Known,
    Unknown,
    all_of,
    any_of,
    combine,
    hidden_by,
    not_,
    once,
    unless_gaps,
)
from auditor.facts.presence import NOT_IN_BODY
from auditor.facts.rights.application_control import ApplicationControl
from auditor.facts.rights.questions import denied, in_words, missing
from auditor.facts.rights.vault_access import (
    VaultAccess,
    decides_by_roles,
    hidden_vaults,
    owner_in_words,
    project_vaults,
    trusts_a_former_owner,
    trusts_another_tenant,
    trusts_its_owner,
)
from auditor.facts.subject import Value
from auditor.facts.subjects.vault import frozen
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import (
    DIRECTORY_OBJECTS,
    KEY_VAULTS,
    MEMBERSHIPS,
    ROLE_ACTIVATIONS,
    ROLE_ASSIGNMENTS,
    USERS,
    needs_of,
)
from auditor.inventory.resources.directory import Group, User
from auditor.inventory.resources.keyvault import Vault

SOON = timedelta(days=7)
"""The time before the end of a role assignment in which facts report it."""


def application_facts(context: Context, control: ApplicationControl) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on whether the account controls the applications that registering users created."""
    ids, unread, foreign = control.ids, control.unread, control.foreign
    facts: dict[str, Fact[Value]] = {
        "has_user_application": any_of([*control.by_user, *unread]),
        "applications": Unknown(control.hidden) if control.hidden else Known(sorted(set(ids))),
        "controls_applications": control.every,
        "foreign_applications": combine(
            lambda *known: sorted({id_ for id_, ok in zip(ids, known, strict=False) if not ok}),
            *control.controlled,
            *unread,
        ),
    }
    texts = {"application": foreign[0], "application_name": application_name(context, foreign[0])} if foreign else {}
    return facts, texts


def role_facts(context: Context, account: str, project: ArmId) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on the assignments of `account` at `project` that end within a week."""
    scope = project.resource_group_id or project
    ending = _ending(context, account, scope)
    texts = {"role_ends": min(moment for _, moment in ending)} if ending else {}
    return {"role_ending": _role_ending(context, account, scope, ending)}, texts


def _role_ending(context: Context, account: str, scope: ArmId, ending: list[tuple[str, str]]) -> Fact[bool]:
    if ending:
        return Known(True, tuple(Evidence(identity, f"ends {moment}") for identity, moment in ending))
    inventory = context.inventory
    gaps = (
        *inventory.gaps(ROLE_ASSIGNMENTS, scope, below=False),
        *inventory.gaps(ROLE_ACTIVATIONS, scope, below=False),
        *inventory.gaps(MEMBERSHIPS, account),
    )
    return unless_gaps(False, gaps)


def _ending(context: Context, account: str, scope: ArmId) -> list[tuple[str, str]]:
    """Return the ids of the assignments that end soon, each with its end."""
    now = context.inventory.now
    return [
        (assignment.id, f"{ends:%Y-%m-%d %H:%M} UTC")
        for assignment in context.roles.found(account, scope)
        for ends in (instance.properties.ends for instance in context.roles.instances.get(assignment.id.lower(), ()))
        if ends is not None and now < ends <= now + SOON
    ]


def vault_facts(context: Context, account: str, vaults: VaultAccess) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on the account's access to the content of the project's vaults."""
    unread = vaults.unread
    locked, locks = frozen(context, vaults.rights)
    models = [decides_by_roles(context.inventory, vault) for vault in vaults.rights]
    facts: dict[str, Fact[Value]] = {
        "has_vault": any_of([*(Known(True) for _ in vaults.rights), *unread]),
        "vaults": Unknown(vaults.hidden) if vaults.hidden else Known([str(vault) for vault in vaults.rights]),
        "vaults_by_roles": all_of([*models, *unread]),
        "vaults_by_policies": all_of([*map(not_, models), *unread]),
        "vaults_exist": vaults.all_exist,
        "vault_access": vaults.access,
        "vault_access_documented": vaults.documented_access,
        "vault_missing_permissions": _missing_permissions(vaults),
        "vaults_foreign": any_of(
            [*(trusts_another_tenant(context.inventory, vault) for vault in vaults.rights), *unread]
        ),
        "vaults_of_owner": any_of([*(trusts_its_owner(context, vault) for vault in vaults.rights), *unread]),
        "vaults_moved": any_of([*(trusts_a_former_owner(context, vault) for vault in vaults.rights), *unread]),
        "vault_locked": any_of([locked, *unread]),
        "vault_denied": any_of([_denied(context, account, vaults), *unread]),
    }
    texts = {**_vault_texts(context, vaults), "vault_owner": owner_in_words(context, vaults.rights)}
    return facts, {**texts, **({"vault_lock": locks[0]} if locks else {})}


def _denied(context: Context, account: str, vaults: VaultAccess) -> Fact[bool]:
    return denied(
        context.inventory,
        account,
        [right for held in (vaults.rights, vaults.documented) for asked in held.values() for right in asked],
    )


def _missing_permissions(vaults: VaultAccess) -> Fact[list[str]]:
    each = [missing(asked) for asked in vaults.rights.values()]
    return combine(
        lambda *known: [right for part in known if isinstance(part, list) for right in part],
        *each,
        *vaults.existing.values(),
        *vaults.unread,
    )


def _vault_texts(context: Context, vaults: VaultAccess) -> dict[str, str]:
    parts: list[str] = []
    documented: list[str] = []
    first: ArmId | None = None
    for vault, asked in vaults.rights.items():
        gone = vault in vaults.gone
        refusing = once(item.note for right in asked for item in right.refused_by)
        short, further = in_words(asked), in_words(vaults.without(vault))
        if gone or short or further:
            first = first or vault
        if gone or short:
            parts.append(f"the key vault `{vault}` does not exist" if gone else "; ".join(refusing) or short)
        if further:
            documented.append(further)
    texts = {
        "vault_missing": "; ".join(parts) or "nothing that could be read",
        "vault_missing_documented": "; ".join(documented) or "nothing that could be read",
    }
    if first is not None:
        texts |= {"vault": first.name, "vault_id": str(first), "vault_subscription": first.subscription or ""}
        model = decides_by_roles(context.inventory, first)
        if isinstance(model, Known):
            texts |= {"vault_by_roles": str(first)} if model.value else {"vault_by_policies": first.name}
    return texts


def policy_facts(context: Context, account: str, project: ArmId) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on users other than `account` in the access policies of the project's vaults.

    The texts name the groups of these policies too, whose members have the same access.
    """
    found: list[Fact[bool]] = []
    names: set[str] = set()
    for vault in project_vaults(context, project):
        held = context.inventory.get(vault)
        if not isinstance(held, Vault) or held.properties.access_policies is None:
            found.append(Unknown(_unread_policies(context, vault)))
            continue
        for principal in (policy.object_id or "" for policy in held.properties.access_policies):
            other = context.inventory.object(principal)
            if principal.lower() == account.lower():
                continue
            if other is None and principal:
                found.append(Unknown(_unread_principal(context, principal)))
            elif isinstance(other, User):
                names.add(f"`{other.label}`" + (" (disabled)" if other.account_enabled is False else ""))
                found.append(Known(True, (Evidence(str(vault), f"access policy for {other.label}"),)))
            elif isinstance(other, Group):
                names.add(f"the members of `{other.label}`")
    unread = hidden_by(hidden_vaults(context, project))
    texts = {"policy_holders": _bounded(sorted(names))} if names else {}
    return {"policy_for_another": any_of([*found, *unread])}, texts


_MOST_HOLDERS = 5


def _bounded(names: list[str]) -> str:
    more = len(names) - _MOST_HOLDERS
    return ", ".join(names[:_MOST_HOLDERS]) + (f" and {more} more, {len(names)} in all" if more > 0 else "")


def _unread_policies(context: Context, vault: ArmId) -> tuple[Gap, ...]:
    what = KEY_VAULTS
    missing = Gap(what, str(vault), 0, NOT_IN_BODY, "the access policies of the vault were not read", needs_of(what))
    return context.inventory.gaps(what, vault) or (missing,)


def _unread_principal(context: Context, principal: str) -> tuple[Gap, ...]:
    gaps = (*context.inventory.gaps(USERS, principal), *context.inventory.gaps(DIRECTORY_OBJECTS, principal))
    missing = Gap(USERS, principal, 0, NOT_IN_BODY, "the directory did not return this account", needs_of(USERS))
    return gaps or (missing,)
