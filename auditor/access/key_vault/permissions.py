"""The data actions of Key Vault and the access policy permissions that grant them."""

from auditor.inventory.resources.keyvault import PolicyPermissions

DATA_ACTIONS = "microsoft.keyvault/vaults/"
_SAME = ("create", "import", "update", "delete", "backup", "restore", "recover", "purge")

_SECRETS = {
    "getSecret/action": ("get",),
    "readMetadata/action": ("list",),
    "setSecret/action": ("set",),
    "update/action": ("set",),
    "delete": ("delete",),
    **{f"{verb}/action": (verb,) for verb in ("backup", "restore", "recover", "purge")},
}
_KEYS = {
    "read": ("get", "list"),
    **{(verb if verb == "delete" else f"{verb}/action"): (verb,) for verb in _SAME},
    **{f"{verb}/action": (verb,) for verb in ("encrypt", "decrypt", "sign", "verify", "release", "rotate")},
    "wrap/action": ("wrapkey",),
    "unwrap/action": ("unwrapkey",),
}
_CERTIFICATES = {
    "read": ("get", "list"),
    **{(verb if verb == "delete" else f"{verb}/action"): (verb,) for verb in _SAME},
}
_STORAGE = {
    "read": ("get", "list"),
    "set/action": ("set", "update"),
    "delete": ("delete",),
    "regeneratekey/action": ("regeneratekey",),
    **{f"{verb}/action": (verb,) for verb in ("backup", "restore", "recover", "purge")},
    "sas/set/action": ("setsas",),
    "sas/delete": ("deletesas",),
}

_GRANTED_BY: dict[str, tuple[str, tuple[str, ...]]] = {
    **{f"secrets/{action}": ("secrets", names) for action, names in _SECRETS.items()},
    **{f"keys/{action}": ("keys", names) for action, names in _KEYS.items()},
    "keyrotationpolicies/read": ("keys", ("getrotationpolicy",)),
    "keyrotationpolicies/write": ("keys", ("setrotationpolicy",)),
    **{f"certificates/{action}": ("certificates", names) for action, names in _CERTIFICATES.items()},
    "certificatecas/read": ("certificates", ("getissuers", "listissuers", "manageissuers")),
    "certificatecas/write": ("certificates", ("setissuers", "manageissuers")),
    "certificatecas/delete": ("certificates", ("deleteissuers", "manageissuers")),
    "certificatecontacts/write": ("certificates", ("managecontacts",)),
    **{f"storageaccounts/{action}": ("storage", names) for action, names in _STORAGE.items()},
}
_PERMISSIONS = {action.lower(): covering for action, covering in _GRANTED_BY.items()}


def vault_operations() -> tuple[str, ...]:
    """Return the data actions of vaults with a known permission, as Azure writes them."""
    return tuple(f"Microsoft.KeyVault/vaults/{action}" for action in _GRANTED_BY)


def every_permission(category: str) -> frozenset[str]:
    """Return the permission names of `category` that grant a data action."""
    return frozenset(name for held, names in _GRANTED_BY.values() if held == category for name in names)


def is_vault_action(operation: str) -> bool:
    """Return whether a vault's permission model decides on a data action (normalized)."""
    return operation.startswith(DATA_ACTIONS)


def permissions_for(operation: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the category and the permission names, any of which grants a data action; None where none is known."""
    return _PERMISSIONS.get(operation.removeprefix(DATA_ACTIONS))


def granted(permissions: PolicyPermissions, category: str, names: tuple[str, ...]) -> str | None:
    """Return the permission of an access policy that covers any of `names`, as written there; `all` covers each.

    A permission by its own name comes before `all`.
    """
    held: tuple[str, ...] = getattr(permissions, category) or ()
    named = (name for name in held if name.strip().lower() in names)
    return next(named, next((name for name in held if name.strip().lower() == "all"), None))


def is_empty(permissions: PolicyPermissions) -> bool:
    """Return whether an access policy grants nothing at all."""
    return not any((permissions.keys, permissions.secrets, permissions.certificates, permissions.storage))
