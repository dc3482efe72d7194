"""The regular ids and types of items that Azure returns without a proper id or with another type.

Some lists below a workspace and the lists of diagnostic settings have such items: without an id (intelligence packs),
without its leading slash (saved searches), or with an id of another form (the settings of a subscription). The original
values are kept as `x_id` and `x_type`, which also mark the body as changed.

Items of a recovery services vault whose ids are deeper than their list (replicated and backed-up items, by fabric and
container) keep them: the same name occurs in several containers.
"""

from collections.abc import Iterator
from urllib.parse import quote

from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.list_shapes import ORIGINAL_TYPE
from auditor.inventory.lists import RECOVERY_VAULTS, shape_of

Body = dict[str, object]

ORIGINAL_ID = "x_id"
_KEPT_IN_NAMES = " ()|,;:@&=+$!*'~[]"


def placed(body: Body, what: str, scope: str) -> Body:
    """Return an item of the list `what` at `scope` with an id directly below the scope and with the list's type.

    An item deeper inside a recovery services vault is returned as it is.
    """
    marked = dict(body)
    identity = body.get("id")
    if _is_deeper(identity, what, scope):
        return marked
    if not _is_proper(identity, what, scope):
        marked |= {"id": f"{_container(what, scope)}/{_name(body)}", ORIGINAL_ID: identity}
    kind = body.get("type")
    if isinstance(kind, str) and kind and kind.lower() != what.lower():
        marked |= {"type": what, ORIGINAL_TYPE: kind}
    return marked


def _is_proper(identity: object, what: str, scope: str) -> bool:
    try:
        parsed = ArmId.parse(identity) if isinstance(identity, str) else None
    except MalformedArmId:
        return False
    return parsed is not None and parsed.type.lower() == what.lower() and parsed.parent == ArmId.parse(scope)


def _is_deeper(identity: object, what: str, scope: str) -> bool:
    """Return whether an id lies in the scope, further down than directly below it, and is one of the list's items."""
    try:
        parsed = ArmId.parse(identity) if isinstance(identity, str) else None
    except MalformedArmId:
        return False
    outer = ArmId.parse(scope)
    if outer.type.lower() != RECOVERY_VAULTS.lower():
        return False
    if parsed is None or not parsed.key.startswith(f"{outer.key}/") or parsed.parent == outer:
        return False
    return parsed.type.lower() in shape_of(what).types


def _container(what: str, scope: str) -> str:
    """Return the path of the list: that of children is below their parent, that of extensions below the provider."""
    parent = ArmId.parse(scope).type
    if parent and what.lower().startswith(f"{parent.lower()}/"):
        return f"{scope}/{what[len(parent) + 1 :]}"
    return f"{scope}/providers/{what}"


def _name(body: Body) -> str:
    named = (text.rstrip("/").rpartition("/")[2].strip() for text in _names(body))
    return quote(next((name for name in named if name.strip(".")), "unnamed"), safe=_KEPT_IN_NAMES)


def _names(body: Body) -> Iterator[str]:
    """Yield the texts that may contain the item's name, the most reliable first."""
    properties = body.get("properties")
    inner = properties if isinstance(properties, dict) else {}
    for found in (body.get("id"), body.get("name"), inner.get("id"), inner.get("name")):
        if isinstance(found, str):
            yield found
