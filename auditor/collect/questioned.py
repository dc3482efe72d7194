"""What else bears on access and a plain scan leaves out: policies, delegations, what the signed-in account may do."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from auditor.azure.errors import ReadFailed
from auditor.collect.crew import Crew, Job
from auditor.collect.listing import Body, Feature, Keep, Listing, Rest
from auditor.collect.placed import ORIGINAL_ID, ORIGINAL_TYPE
from auditor.collect.reading import Reader, gap_of
from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.reads import Gap

_AUTHORIZATION = "{scope}/providers/Microsoft.Authorization"
_DELEGATION = "{scope}/providers/Microsoft.ManagedServices"
_POLICY_API = "2023-04-01"
MOST_MEMBERS = 250
"""The most policies of one initiative that are read; further ones are a gap of the initiative."""

POLICY_ASSIGNMENTS = Listing(
    what="Microsoft.Authorization/policyAssignments",
    feature=Feature.QUESTIONS,
    source=Rest(f"{_AUTHORIZATION}/policyAssignments", _POLICY_API),
    keep=Keep.INHERITED,
)
POLICY_EXEMPTIONS = Listing(
    what="Microsoft.Authorization/policyExemptions",
    feature=Feature.QUESTIONS,
    source=Rest(f"{_AUTHORIZATION}/policyExemptions", "2022-07-01-preview"),
    keep=Keep.INHERITED,
)
REGISTRATION_ASSIGNMENTS = Listing(
    what="Microsoft.ManagedServices/registrationAssignments",
    feature=Feature.QUESTIONS,
    source=Rest(f"{_DELEGATION}/registrationAssignments", "2022-10-01"),
)
REGISTRATION_DEFINITIONS = Listing(
    what="Microsoft.ManagedServices/registrationDefinitions",
    feature=Feature.QUESTIONS,
    source=Rest(f"{_DELEGATION}/registrationDefinitions", "2022-10-01"),
)
"""The roles that Azure Lighthouse gives to principals of another tenant; they stand in no role assignment."""

PER_SUBSCRIPTION = (POLICY_ASSIGNMENTS, POLICY_EXEMPTIONS, REGISTRATION_ASSIGNMENTS, REGISTRATION_DEFINITIONS)

POLICY_DEFINITIONS = Listing(
    what="Microsoft.Authorization/policyDefinitions",
    feature=Feature.QUESTIONS,
    source=Rest("{scope}", _POLICY_API),
)
INITIATIVES = Listing(
    what="Microsoft.Authorization/policySetDefinitions",
    feature=Feature.QUESTIONS,
    source=Rest("{scope}", _POLICY_API),
)
"""Read one by one, by the ids that assignments and initiatives name."""

OWN_PERMISSIONS = Listing(
    what="Microsoft.Authorization/permissions",
    feature=Feature.QUESTIONS,
    source=Rest(f"{_AUTHORIZATION}/permissions", "2022-04-01"),
)
"""The permission objects of whoever asks, at one scope. Azure gives them no ids."""


async def read_questioned(reader: Reader, subscriptions: Sequence[str], scopes: Sequence[str]) -> None:
    """Record policies and delegations of `subscriptions`, and what whoever asks may do there and at `scopes`.

    A refusal is a gap. Definitions are read once, however many assignments name them.
    """
    places = tuple(_distinct((*subscriptions, *_readable(scopes))))
    jobs: list[Job] = [partial(reader.read, each, one) for one in subscriptions for each in PER_SUBSCRIPTION]
    groups = _distinct(str(group) for one in places if (group := ArmId.parse(one).resource_group_id) is not None)
    jobs += [partial(reader.read, REGISTRATION_ASSIGNMENTS, group) for group in groups]
    jobs += [partial(read_own_permissions, reader, place) for place in places]
    await Crew().run(jobs)
    for named in (_assigned, _in_initiatives):
        wanted = [one for one in _distinct(named(reader)) if not reader.recording.holds(one)]
        await Crew().run(partial(_read_definition, reader, one) for one in wanted)


async def read_own_permissions(reader: Reader, scope: str) -> None:
    """Record the signed-in account's permission objects at `scope`, each with an id made of its place in the list."""
    what, count = OWN_PERMISSIONS.what, 0
    reader.recording.plan(what, scope)
    try:
        async for page in reader.pages(OWN_PERMISSIONS.source, scope):
            for body in page:
                count += 1
                own = {"id": f"{scope}/providers/{what}/{count:04}", "type": what}
                came = {ORIGINAL_ID: body.get("id"), ORIGINAL_TYPE: body.get("type")}
                reader.recording.arm({**body, **own, **came}, what, scope)
    except ReadFailed as failure:
        reader.recording.gap(gap_of(what, scope, OWN_PERMISSIONS.needs[0], failure))
    else:
        reader.recording.complete(what, scope, count)


async def _read_definition(reader: Reader, identity: str) -> None:
    listing = INITIATIVES if _is_initiative(identity) else POLICY_DEFINITIONS
    reader.recording.plan(listing.what, identity)
    try:
        body = await reader.arm.get(identity, _POLICY_API)
    except ReadFailed as failure:
        reader.recording.gap(gap_of(listing.what, identity, listing.needs[0], failure))
        return
    if reader.recording.arm(body, listing.what, identity) is not None:
        reader.recording.complete(listing.what, identity, 1)


def _assigned(reader: Reader) -> Iterator[str]:
    """The policies and initiatives that assignments name."""
    for body in reader.recording.bodies(POLICY_ASSIGNMENTS.what):
        yield from _readable([str(_properties(body).get("policyDefinitionId") or "")])


def _in_initiatives(reader: Reader) -> Iterator[str]:
    """The policies of the initiatives that were read."""
    for body in list(reader.recording.bodies(INITIATIVES.what)):
        listed = _properties(body).get("policyDefinitions")
        members = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        if len(members) > MOST_MEMBERS:
            message = f"only the first {MOST_MEMBERS:,} of its {len(members):,} policies were read"
            reader.recording.gap(Gap(POLICY_DEFINITIONS.what, str(body["id"]), 0, "TooMany", message))
        yield from _readable(str(one.get("policyDefinitionId") or "") for one in members[:MOST_MEMBERS])


def _properties(body: Body) -> Mapping[str, object]:
    held = body.get("properties")
    return held if isinstance(held, dict) else {}


def _is_initiative(identity: str) -> bool:
    return f"/{INITIATIVES.what}/".lower() in identity.lower()


def _readable(ids: Sequence[str] | Iterator[str]) -> Iterator[str]:
    """Those that are ARM ids, as ARM spells them; what an assignment names may be anything."""
    for text in ids:
        try:
            identity = ArmId.parse(text)
        except MalformedArmId:
            continue
        if not identity.is_root:
            yield str(identity)


def _distinct(ids: Sequence[str] | Iterator[str]) -> list[str]:
    """Each id once, case aside, in order."""
    return list({one.lower(): one for one in reversed(list(ids))}.values())[::-1]
