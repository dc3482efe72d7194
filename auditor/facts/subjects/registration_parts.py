"""Facts about the key vaults of a project's appliances as one account meets them."""

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known, Unknown, all_of, any_of, combine, not_
from auditor.facts.rights.questions import in_words, missing
from auditor.facts.rights.vault_access import VaultAccess
from auditor.facts.subject import Value
from auditor.facts.subjects.vault import decides_by_roles
from auditor.inventory.arm_id import ArmId


def vault_facts(context: Context, vaults: VaultAccess) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on what the account may do with the content of the project's vaults."""
    unread = vaults.unread
    models = [decides_by_roles(context.inventory, vault) for vault in vaults.rights]
    facts: dict[str, Fact[Value]] = {
        "has_vault": any_of([*(Known(True) for _ in vaults.rights), *unread]),
        "vaults": Unknown(vaults.hidden) if vaults.hidden else Known([str(vault) for vault in vaults.rights]),
        "vaults_by_roles": all_of([*models, *unread]),
        "vaults_by_policies": all_of([*map(not_, models), *unread]),
        "vault_access": vaults.access,
        "vault_missing_permissions": _missing(vaults),
    }
    return facts, _texts(context, vaults)


def _missing(vaults: VaultAccess) -> Fact[list[str]]:
    each = [missing(asked) for asked in vaults.rights.values()]
    return combine(
        lambda *known: [right for part in known if isinstance(part, list) for right in part],
        *each,
        *vaults.there.values(),
        *vaults.unread,
    )


def _texts(context: Context, vaults: VaultAccess) -> dict[str, str]:
    parts: list[str] = []
    first: ArmId | None = None
    for vault, asked in vaults.rights.items():
        gone = vault in vaults.gone
        short = in_words(asked)
        if gone or short:
            first = first or vault
            parts.append(f"the key vault `{vault}` does not exist" if gone else short)
    texts = {"vault_missing": "; ".join(parts) or "nothing that could be read"}
    if first is not None:
        texts |= {"vault": first.name, "vault_id": str(first), "vault_subscription": first.subscription or ""}
        model = decides_by_roles(context.inventory, first)
        if isinstance(model, Known):
            texts |= {"vault_by_roles": str(first)} if model.value else {"vault_by_policies": first.name}
    return texts
