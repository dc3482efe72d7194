"""The known names of operations, and the detection of misspelt ones."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from auditor.access.key_vault.permissions import vault_operations
from auditor.access.rbac.patterns import normalized
from auditor.access.rbac.roles import RoleBook

_SHAPE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/[a-z0-9.$_-]+)+/(read|write|delete|action)", re.IGNORECASE)
_PROVIDER_WIDE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+/(register|unregister)/action", re.IGNORECASE)
_ALIKE = 0.8
_LONGEST = 200


def known_operations(book: RoleBook, more: Iterable[str] = ()) -> dict[str, str]:
    """Return every operation that a role definition names in full, and `more`: display form by normalized form."""
    in_roles = (pattern for role in book.every() for pattern, _ in role.patterns() if "*" not in pattern)
    others = (*vault_operations(), *more)
    return {**{name: name for name in in_roles}, **{normalized(name): name for name in others}}


def is_operation(action: str) -> bool:
    """Return whether `action` has the form of an operation: provider, resource types, verb."""
    return bool(_SHAPE.fullmatch(action.strip()) or _PROVIDER_WIDE.fullmatch(action.strip()))


def probable_slip(action: str, known: Mapping[str, str]) -> str | None:
    """Return the known operation that `action` was probably meant to be; None where it is known or resembles none.

    No complete list of operations exists offline, so another verb on a known resource type is accepted.
    """
    wanted = normalized(action)[:_LONGEST]
    types = {operation.rpartition("/")[0] for operation in known}
    if wanted in known or (wanted.rpartition("/")[0] in types and is_operation(action)):
        return None
    close = get_close_matches(wanted, known, n=1, cutoff=_ALIKE)
    return known[close[0]] if close else None
