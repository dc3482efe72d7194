"""The redaction of a snapshot: names, ids, mails and addresses become pseudonyms, and relations are kept."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from auditor.inventory.reads import Gap, Read
from auditor.inventory.redaction.bodies import Bodies
from auditor.inventory.redaction.pseudonyms import Pseudonyms
from auditor.inventory.snapshot.records import By, Header, Link, ScanScope
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.inventory.versions import answered_version, older_version_gap

STAYS = (
    "property names, resource types, locations, states, SKUs, versions and permissions, as they came from Azure",
    "times, numbers, how many resources there are of each type, and the relations between them",
    "which words of a name recur in another: each word has a pseudonym of its own",
    "the names and ids of built-in roles, built-in policies and directory roles",
    "the tool's name and version, and the name of the cloud",
)
"""The information that redaction does not remove, as shown to the user."""

_ROOT_POLICY = re.compile(
    r"/providers/Microsoft\.Authorization/policy(?:Set)?Definitions/([0-9a-f-]{36})$", re.IGNORECASE
)
EXAMPLES = 3
"""The number of values of one property that are shown."""
_CLOUDS = frozenset({"AzureCloud", "AzureUSGovernment", "AzureChinaCloud"})


@dataclass(frozen=True, slots=True)
class StillNamed:
    """A property whose unchanged values contain words that were replaced elsewhere."""

    property: str
    count: int
    examples: tuple[str, ...]
    """A few of the values in the redacted snapshot."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """The redacted snapshot, and the properties that still contain replaced words."""

    snapshot: Snapshot
    remains: tuple[StillNamed, ...]


def redacted(snapshot: Snapshot, pseudonyms: Pseudonyms) -> Redacted:
    """Return `snapshot` with pseudonyms for everything that identifies someone or something; see `STAYS`."""
    bodies = Bodies(pseudonyms)
    made = Snapshot.of(
        _header(snapshot.header, pseudonyms),
        arm=[bodies.arm(record) for record in snapshot.arm],
        graph=[bodies.graph(record) for record in snapshot.graph],
        links=[_link(link, bodies) for link in snapshot.links],
        events=[bodies.event(event) for event in snapshot.events],
        reads=None if snapshot.reads is None else [_read(read, bodies) for read in snapshot.reads],
        gaps=[_gap(gap, bodies) for gap in snapshot.gaps],
    )
    return Redacted(made, _still_named(bodies.kept, pseudonyms))


def well_known(snapshot: Snapshot) -> Iterator[str]:
    """Yield the ids in `snapshot` that are the same in every tenant: built-in roles and policies, role templates."""
    for record in snapshot.arm:
        kind = record.type.lower()
        if kind == "microsoft.authorization/roledefinitions" and _is_built_in(record.body):
            yield record.id.rpartition("/")[2]
        elif kind == "microsoft.authorization/policyassignments":
            definition = msgspec.json.decode(record.body, type=_Assignment).properties.policy_definition_id or ""
            found = _ROOT_POLICY.match(definition)
            if found:
                yield found[1]
    yield from (link.to for link in snapshot.links if link.rel == "directoryRole")


class _PolicyBody(msgspec.Struct, rename="camel"):
    policy_definition_id: str | None = None


class _Assignment(msgspec.Struct):
    properties: _PolicyBody = msgspec.field(default_factory=_PolicyBody)


def _is_built_in(body: bytes) -> bool:
    return b'"type":"BuiltInRole"' in body


def _header(header: Header, pseudonyms: Pseudonyms) -> Header:
    text = pseudonyms.text
    asked = header.asked
    return msgspec.structs.replace(
        header,
        tenant_id=text(header.tenant_id),
        cloud=header.cloud if header.cloud in _CLOUDS else text(header.cloud),
        by=By(text(header.by.object_id), text(header.by.name), header.by.type),
        scope=ScanScope(tuple(map(text, header.scope.subscriptions)), tuple(map(text, header.scope.management_groups))),
        asked=None
        if asked is None
        else msgspec.structs.replace(
            asked,
            accounts=tuple(map(text, asked.accounts)),
            project=asked.project and text(asked.project),
            resource_group=asked.resource_group and text(asked.resource_group),
        ),
    )


def _link(link: Link, bodies: Bodies) -> Link:
    return Link(link.rel, bodies.name(link.from_), bodies.name(link.to), bodies.name(link.scope))


def _read(read: Read, bodies: Bodies) -> Read:
    return msgspec.structs.replace(read, scope=bodies.name(read.scope))


def _gap(gap: Gap, bodies: Bodies) -> Gap:
    message = bodies.sentence(gap.message)
    version = answered_version(gap)
    if version is not None and (ours := older_version_gap(gap.what, gap.scope, version)) is not None:
        message = ours.message  # made from the table again, whatever else the message of the snapshot says
    return msgspec.structs.replace(gap, scope=bodies.name(gap.scope), message=message)


def _still_named(kept: Iterable[tuple[str, str]], pseudonyms: Pseudonyms) -> tuple[StillNamed, ...]:
    """Return the properties whose kept values contain a word of at least four letters that was replaced elsewhere."""
    replaced = pseudonyms.replaced
    found: dict[str, list[str]] = defaultdict(list)
    for field, value in sorted(kept):
        if any(len(word) > 3 and word in replaced for word in re.split(r"[\W_]+", value.lower())):
            found[field].append(value)
    return tuple(StillNamed(field, len(values), tuple(values[:EXAMPLES])) for field, values in sorted(found.items()))
