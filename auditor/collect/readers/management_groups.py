"""The lists of management groups and of the groups and subscriptions below each."""

from auditor.azure.errors import ReadFailed
from auditor.collect.listing import Body, Feature, Keep, Listing, Rest
from auditor.collect.reader import Reader
from auditor.inventory import lists as list_names
from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.reads import MALFORMED, Gap

MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups"

MANAGEMENT_GROUPS = Listing(
    what=list_names.MANAGEMENT_GROUPS,
    feature=Feature.ENVIRONMENT,
    source=Rest(MANAGEMENT_GROUP, ("2020-05-01",)),
)
DESCENDANTS = Listing(
    what=list_names.DESCENDANTS,
    feature=Feature.ENVIRONMENT,
    source=Rest("{scope}/descendants", ("2020-05-01",)),
    keep=Keep.PLACE,
)
"""Every group and subscription below a management group, with its parent."""


async def read_tree(reader: Reader, tenant_id: str) -> None:
    """Record the management groups and the parents of all groups and subscriptions below them.

    One answer covers a complete branch, so the tenant's root group is read first, then only groups that were in no
    answer.
    """
    groups: list[str] = []

    def take(body: Body) -> None:
        try:
            groups.append(ArmId.parse(str(body.get("id"))).text)
        except MalformedArmId as malformed:
            reader.recording.gap(Gap(MANAGEMENT_GROUPS.what, "/", 200, MALFORMED, str(malformed)))

    await reader.read(MANAGEMENT_GROUPS, "/", take)
    placed: set[str] = set()
    for group in sorted(groups, key=lambda text: (not text.lower().endswith(f"/{tenant_id.lower()}"), text.lower())):
        if group.lower() not in placed:
            await reader.read(DESCENDANTS, group, lambda body: placed.add(str(body.get("id")).lower()))


async def subscriptions_below(reader: Reader, group: str) -> list[str] | ReadFailed:
    """Return the ids of the subscriptions below a management group, or the failure."""
    below: list[str] = []
    failures: list[ReadFailed] = []

    def take(body: Body) -> None:
        identity = str(body.get("id"))
        if identity.lower().startswith("/subscriptions/"):
            below.append(identity.rpartition("/")[2].lower())

    await reader.read(DESCENDANTS, group, take, failures.append)
    return failures[0] if failures else below
