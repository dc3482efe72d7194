"""Resources that a snapshot does not hold, but speaks of: their diagnostic settings were read or refused."""

from collections.abc import Iterator

from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.snapshot.snapshot import Snapshot

_SETTINGS = "microsoft.insights/diagnosticsettings"


def implied_resources(snapshot: Snapshot) -> Iterator[ArmId]:
    """Yield the top-level resources that settings, or refused reads of settings, stand on or below."""
    texts = [record.id.lower().rpartition("/providers/")[0] for record in snapshot.arm if _is_setting(record.id)]
    texts += [gap.scope for gap in snapshot.gaps if gap.what.lower() == _SETTINGS]
    for text in texts:
        resource = _top_level(text)
        if resource is not None:
            yield resource


def _is_setting(identity: str) -> bool:
    return f"/providers/{_SETTINGS}/" in identity.lower()


def _top_level(text: str) -> ArmId | None:
    """Return the resource of a group that an id is or lies below; None outside of groups."""
    try:
        identity = ArmId.parse(text)
    except MalformedArmId:
        return None
    group = identity.resource_group_id
    if group is None or identity == group:
        return None
    while identity.parent != group:
        identity = identity.parent
        if identity.is_root:
            return None
    return identity
