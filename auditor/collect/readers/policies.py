"""The lists of policy assignments and exemptions, and the definitions of policies that may refuse a request."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from auditor.collect.listing import Body, Feature, Keep, Listing, Rest, at_group
from auditor.collect.reader import Reader
from auditor.collect.recording import Recording
from auditor.collect.workers import Workers
from auditor.inventory import lists as list_names
from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.policy_values import defaults, given, mappings, resolved
from auditor.inventory.reads import Gap

_AUTHORIZATION = "{scope}/providers/Microsoft.Authorization"
_API = ("2023-04-01",)
_REFUSING = frozenset({"deny", "denyaction"})
MOST_MEMBERS = 250
"""The largest number of policies read of one initiative; further ones are a gap of the initiative."""

POLICY_ASSIGNMENTS = Listing(
    what=list_names.POLICY_ASSIGNMENTS,
    feature=Feature.ACCESS,
    source=Rest(f"{_AUTHORIZATION}/policyAssignments", _API),
    keep=Keep.INHERITED,
)
POLICY_EXEMPTIONS = Listing(
    what=list_names.POLICY_EXEMPTIONS,
    feature=Feature.ACCESS,
    source=Rest(f"{_AUTHORIZATION}/policyExemptions", ("2022-07-01-preview",)),
    keep=Keep.INHERITED,
)
_AT_GROUP = (at_group(POLICY_ASSIGNMENTS), at_group(POLICY_EXEMPTIONS))
POLICY_DEFINITIONS = Listing(
    what="Microsoft.Authorization/policyDefinitions", feature=Feature.ACCESS, source=Rest("{scope}", _API)
)
INITIATIVES = Listing(
    what="Microsoft.Authorization/policySetDefinitions", feature=Feature.ACCESS, source=Rest("{scope}", _API)
)
"""Read one by one, by the ids in assignments and initiatives."""

POLICIES = (POLICY_ASSIGNMENTS, POLICY_EXEMPTIONS, POLICY_DEFINITIONS, INITIATIVES)


async def read_policies(reader: Reader, places: Sequence[str]) -> None:
    """Record the policies of subscriptions or management groups (`places`) that may refuse a request.

    This takes one request per place, another where a policy may refuse, and one per definition, however many
    assignments refer to it. An assignment that states a harmless effect, such as `Audit`, costs nothing more.
    """
    recorded = _by_place(reader.recording)
    for place in places:
        if not reader.recording.has_ended(POLICY_ASSIGNMENTS.what, place):
            reader.recording.plan(POLICY_ASSIGNMENTS.what, place)
    found = [recorded.get(one.lower(), []) for one in places]
    await Workers().run(partial(_read_assigned, reader, *one) for one in zip(places, found, strict=True))
    refusing = [body for bodies in found for body in bodies if _may_refuse(body)]
    for named in (map(_definition, refusing), _in_initiatives(reader.recording, refusing)):
        wanted = [one for one in distinct(readable(named)) if not reader.recording.holds(one)]
        await Workers().run(partial(_read_definition, reader, one) for one in wanted)


def readable(ids: Iterable[str]) -> Iterator[str]:
    """Yield the well-formed ARM ids among `ids`, since an assignment may contain any text."""
    for text in ids:
        try:
            identity = ArmId.parse(text)
        except MalformedArmId:
            continue
        if not identity.is_root:
            yield str(identity)


def distinct(ids: Iterable[str]) -> tuple[str, ...]:
    """Return each id once, compared without case, in order."""
    return tuple({one.lower(): one for one in reversed(list(ids))}.values())[::-1]


async def _read_assigned(reader: Reader, place: str, found: list[Body]) -> None:
    """Add the assignments of a place to those `found` before, and record its exemptions where any may refuse."""
    in_group = ArmId.parse(place).management_group is not None
    assignments, exemptions = _AT_GROUP if in_group else (POLICY_ASSIGNMENTS, POLICY_EXEMPTIONS)
    recording = reader.recording
    if recording.has_ended(assignments.what, place):  # a workspace of Azure Migrate had them read
        whole = recording.is_complete(assignments.what, place)
    else:
        whole = await reader.read(assignments, place, found.append)
    if not whole or any(map(_may_refuse, found)):
        await reader.read(exemptions, place)


def _by_place(recording: Recording) -> Mapping[str, list[Body]]:
    """Return the recorded assignments by subscription (lower case), with those inherited from management groups."""
    heirs: dict[str, list[str]] = defaultdict(list)
    for link in recording.links("inheritedBy"):
        heirs[link.from_.lower()].append(link.to.lower())
    found: dict[str, list[Body]] = defaultdict(list)
    for body in recording.bodies(POLICY_ASSIGNMENTS.what):
        key = str(body["id"]).lower()
        for place in {"/".join(key.split("/", 3)[:3]), *heirs[key]}:
            found[place].append(body)
    return found


async def _read_definition(reader: Reader, identity: str) -> None:
    listing = INITIATIVES if _is_initiative(identity) else POLICY_DEFINITIONS
    reader.recording.plan(listing.what, identity)
    await reader.read_one(listing, identity)


def _may_refuse(assignment: Body) -> bool:
    """Return whether an assignment is enforced and does not state a harmless effect itself."""
    properties = _properties(assignment)
    if str(properties.get("enforcementMode")).lower() == "donotenforce":
        return False
    return _is_initiative(_definition(assignment)) or bool(properties.get("overrides")) or not _harmless(properties, {})


def _in_initiatives(recording: Recording, refusing: Iterable[Body]) -> Iterator[str]:
    """Yield the ids of policies in recorded initiatives for which none of these assignments states a harmless effect.

    Each initiative is recorded once the first id is asked for.
    """
    assigned: dict[str, list[Mapping[str, Any]]] = {}
    for body in refusing:
        assigned.setdefault(_definition(body).lower(), []).append(_properties(body))
    for body in list(recording.bodies(INITIATIVES.what)):
        initiative = _properties(body)
        unsettled = [
            member
            for member in mappings(initiative.get("policyDefinitions"))
            if not all(_settled(member, initiative, one) for one in assigned.get(str(body["id"]).lower(), ()))
        ]
        if len(unsettled) > MOST_MEMBERS:
            message = f"only the first {MOST_MEMBERS:,} of {len(unsettled):,} policies that may refuse were read"
            recording.gap(Gap(POLICY_DEFINITIONS.what, str(body["id"]), 0, "TooMany", message))
        yield from (str(one.get("policyDefinitionId") or "") for one in unsettled[:MOST_MEMBERS])


def _settled(member: Mapping[str, Any], initiative: Mapping[str, Any], assignment: Mapping[str, Any]) -> bool:
    """Return whether an assignment gives a policy of an initiative a harmless effect."""
    if assignment.get("overrides"):
        return False
    return _harmless(member, defaults(initiative) | given(assignment.get("parameters")))


def _harmless(named: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    effect = resolved(given(named.get("parameters")).get("effect"), known)
    return effect is not None and str(effect).lower() not in _REFUSING


def _definition(assignment: Body) -> str:
    return str(_properties(assignment).get("policyDefinitionId") or "")


def _properties(body: Body) -> dict[str, Any]:
    held = body.get("properties")
    return held if isinstance(held, dict) else {}


def _is_initiative(identity: str) -> bool:
    return f"/{INITIATIVES.what}/".lower() in identity.lower()
