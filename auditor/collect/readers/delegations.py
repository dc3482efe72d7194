"""The lists for questions about access: Azure Lighthouse delegations and the signed-in account's own permissions."""

from collections.abc import Sequence
from functools import partial

from auditor.azure.errors import ReadFailed
from auditor.collect.arm_ids import ORIGINAL_ID
from auditor.collect.listing import Feature, Listing, Rest
from auditor.collect.reader import Reader, gap_of
from auditor.collect.readers.policies import distinct, readable
from auditor.collect.workers import Job, Workers
from auditor.inventory.arm_id import ArmId
from auditor.inventory.list_shapes import ORIGINAL_TYPE
from auditor.inventory.lists import DELEGATIONS

_AUTHORIZATION = "{scope}/providers/Microsoft.Authorization"
_DELEGATION = "{scope}/providers/Microsoft.ManagedServices"

REGISTRATION_ASSIGNMENTS = Listing(
    what=DELEGATIONS,
    feature=Feature.QUESTIONS,
    source=Rest(f"{_DELEGATION}/registrationAssignments", ("2022-10-01",)),
)
REGISTRATION_DEFINITIONS = Listing(
    what="Microsoft.ManagedServices/registrationDefinitions",
    feature=Feature.QUESTIONS,
    source=Rest(f"{_DELEGATION}/registrationDefinitions", ("2022-10-01",)),
)
"""The roles that Azure Lighthouse gives to principals of another tenant; they are not in any role assignment."""

PER_SUBSCRIPTION = (REGISTRATION_ASSIGNMENTS, REGISTRATION_DEFINITIONS)

OWN_PERMISSIONS = Listing(
    what="Microsoft.Authorization/permissions",
    feature=Feature.QUESTIONS,
    source=Rest(f"{_AUTHORIZATION}/permissions", ("2022-04-01",)),
)
"""The permission objects of the signed-in account at one scope; Azure gives them no ids."""


async def read_questioned(reader: Reader, subscriptions: Sequence[str], scopes: Sequence[str]) -> None:
    """Record the delegations of `subscriptions`, and the account's own permissions there and at `scopes`."""
    places = distinct((*subscriptions, *readable(scopes)))
    jobs: list[Job] = [partial(reader.read, each, one) for one in subscriptions for each in PER_SUBSCRIPTION]
    groups = distinct(str(group) for one in places if (group := ArmId.parse(one).resource_group_id) is not None)
    jobs += [partial(reader.read, REGISTRATION_ASSIGNMENTS, group) for group in groups]
    jobs += [partial(read_own_permissions, reader, place) for place in places]
    await Workers().run(jobs)


async def read_own_permissions(reader: Reader, scope: str) -> None:
    """Record the signed-in account's permission objects at `scope`, each with an id made from its position."""
    what, count = OWN_PERMISSIONS.what, 0
    reader.recording.plan(what, scope)
    try:
        async for page in reader.pages(what, OWN_PERMISSIONS.source, scope):
            for body in page:
                count += 1
                own = {"id": f"{scope}/providers/{what}/{count:04}", "type": what}
                came = {ORIGINAL_ID: body.get("id"), ORIGINAL_TYPE: body.get("type")}
                reader.recording.arm({**body, **own, **came}, what, scope)
    except ReadFailed as failure:
        reader.recording.gap(gap_of(what, scope, OWN_PERMISSIONS.needs[0], failure))
    else:
        reader.recording.complete(what, scope, count)
