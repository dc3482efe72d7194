"""Facts about the key vaults of a project's appliances as one account meets them."""

from auditor.access.verdicts import Plane
from auditor.facts.context import Context
from auditor.facts.estate import VAULTS
from auditor.facts.fact import Fact, Known, Unknown, all_of, any_of, combine
from auditor.facts.grants import Account, Asked, in_words, missing
from auditor.facts.presence import exists
from auditor.facts.steps import Step
from auditor.facts.subject import Value
from auditor.facts.vault import decides_by_roles
from auditor.inventory.arm_id import ArmId


def vault_facts(
    context: Context, account: Account, project: ArmId, step: Step
) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return what the account may do with the keys, secrets and certificates of the project's vaults: facts and texts.

    A vault that is gone gives nobody access. An appliance that could not be read may use another vault, so it keeps the
    good news unknown, never the bad.
    """
    vaults = project_vaults(context, project)
    rights = {vault: [account.ask([action], vault, Plane.DATA) for action in step.vault] for vault in vaults}
    there = {vault: exists(context.inventory, vault, VAULTS) for vault in vaults}
    hidden = context.estate.site_gaps(project)
    unread: list[Fact[bool]] = [Unknown(hidden)] if hidden else []
    access = [all_of((there[vault], *(right.granted for right in rights[vault]))) for vault in vaults]
    facts: dict[str, Fact[Value]] = {
        "has_vault": any_of([*(Known(True) for _ in vaults), *unread]),
        "vaults": Unknown(hidden) if hidden else Known([str(vault) for vault in vaults]),
        "vault_access": all_of([*access, *unread]),
        "vault_missing_permissions": _missing(rights, there, unread),
    }
    return facts, _texts(context, rights, there)


def project_vaults(context: Context, project: ArmId) -> tuple[ArmId, ...]:
    """Return the ids of the vaults that the project's appliances use, in a stable order."""
    seats = context.estate.seats_by_project.get(project.key, ())
    return tuple(sorted({vault for vault in map(context.estate.vault_of, seats) if vault is not None}))


def _missing(
    rights: dict[ArmId, list[Asked]], there: dict[ArmId, Fact[bool]], unread: list[Fact[bool]]
) -> Fact[list[str]]:
    each = [missing(asked) for asked in rights.values()]
    return combine(
        lambda *known: [right for part in known if isinstance(part, list) for right in part],
        *each,
        *there.values(),
        *unread,
    )


def _texts(context: Context, rights: dict[ArmId, list[Asked]], there: dict[ArmId, Fact[bool]]) -> dict[str, str]:
    parts: list[str] = []
    first: ArmId | None = None
    for vault, asked in rights.items():
        is_there = there[vault]
        gone = isinstance(is_there, Known) and not is_there.value
        short = in_words(asked)
        if gone or short:
            first = first or vault
            parts.append(f"the key vault `{vault}` does not exist" if gone else short)
    texts = {"vault_missing": "; ".join(parts) or "nothing that could be read"}
    if first is not None:
        texts |= {"vault": first.name, "vault_id": str(first)}
        model = decides_by_roles(context.inventory, first)
        if isinstance(model, Known):
            texts |= {"vault_by_roles": str(first)} if model.value else {"vault_by_policies": first.name}
    return texts
