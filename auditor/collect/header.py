"""The header of what is being read: who reads it, where and when."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from auditor import __version__
from auditor.inventory.snapshot.records import By, Header

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity


def header_of(cloud: str, identity: "Identity") -> Header:
    """Return the header of a reading that begins now; what it looks at is not chosen yet."""
    return Header(
        tenant_id=identity.tenant_id,
        cloud=cloud,
        collected_at=datetime.now(UTC).replace(microsecond=0),
        by=By(identity.object_id, identity.name, str(identity.type)),
        tool=f"migaudit {__version__}",
    )
