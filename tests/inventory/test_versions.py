"""The table of api-versions: every property that a check rests on is in it, and in the versions that are asked for."""

from collections.abc import Iterator

import pytest
from msgspec import inspect
from msgspec.structs import fields

from auditor.cleanup import azure_workspaces
from auditor.collect import catalogue, diagnostics
from auditor.collect.listing import Listing, Sdk
from auditor.collect.readers import loganalytics
from auditor.collect.readers.authorization import PER_MANAGEMENT_GROUP
from auditor.collect.readers.delegations import OWN_PERMISSIONS
from auditor.collect.readers.environment import resources
from auditor.inventory.inventory import RESOURCE_CLASSES
from auditor.inventory.lists import INGESTION, WORKSPACES
from auditor.inventory.reads import OLDER_VERSION, Gap
from auditor.inventory.resources.fields import ReadByField, paths_of
from auditor.inventory.resources.resource import Resource
from auditor.inventory.uses.uses import Use, uses
from auditor.inventory.versions import (
    answered_version,
    hides,
    holds,
    lacking,
    older_version_gap,
    order,
    table,
    within,
)

EVERYWHERE = {field.encode_name for field in fields(Resource)}
"""The properties that Resource Manager returns of every resource, in every version."""
NEVER_THERE = {
    "properties.agentProperties.spnDetails.machineResourceId",  # typed for sites; an Arc machine has no collector
}
LISTED_AMONG_ALL = (
    "Microsoft.RecoveryServices/vaults",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.ServiceBus/namespaces",
)
TRACKED = (*catalogue.TRACKED, *catalogue.TRACKED_FOR_CANDIDATES)


def typed_paths(kind: inspect.Type, path: str = "") -> Iterator[str]:
    """Yield the path of every property that a class decodes, except those that readers add to a body."""
    match kind:
        case inspect.StructType(fields=held):
            for field in held:
                if (path or field.encode_name not in EVERYWHERE) and not field.encode_name.startswith("x_"):
                    yield from typed_paths(field.type, f"{path}.{field.encode_name}".removeprefix("."))
        case inspect.UnionType(types=kinds):
            inner = [one for one in kinds if isinstance(one, inspect.StructType | inspect.VarTupleType)]
            yield from typed_paths(inner[0], path) if inner else (path,)
        case inspect.VarTupleType(item_type=inspect.StructType() as item):
            yield from typed_paths(item, path)
        case _:
            yield path


def judged_paths(use: Use) -> Iterator[str]:
    """Yield the paths that a check of another use looks at."""
    for path in (use.path, use.true_at):
        if path:
            yield ".".join(path)
    yield from (f"properties.{name}" for name in use.always)


TYPED = [
    pytest.param(what, path, id=f"{what}:{path}")
    for cls in RESOURCE_CLASSES
    if not issubclass(cls, ReadByField)
    for what in cls.types
    for path in typed_paths(inspect.type_info(cls))
]
BY_FIELD = [
    pytest.param(cls, f"properties.{path}", id=f"{cls.__name__}:{path}")
    for cls in RESOURCE_CLASSES
    if issubclass(cls, ReadByField)
    for path in paths_of(cls)
]
"""Classes for the shapes of several types, each of which has only some of the properties."""
JUDGED = [pytest.param(use.what, path, id=f"{use.title}:{path}") for use in uses() for path in judged_paths(use)]
FINGERPRINT = [
    pytest.param(WORKSPACES, f"properties.{name}", id=name)
    for name in ("customerId", "createdDate", "sku", "retentionInDays", "workspaceCapping", "replication")
]


@pytest.mark.parametrize(("what", "path"), [*TYPED, *JUDGED, *FINGERPRINT])
def test_the_table_states_the_first_version_of_every_property_that_a_check_rests_on(what: str, path: str) -> None:
    assert path in NEVER_THERE or table()[what.lower()].covers(path)


@pytest.mark.parametrize(("cls", "path"), BY_FIELD)
def test_the_table_states_the_first_version_of_every_property_that_a_field_reads(
    cls: type[ReadByField], path: str
) -> None:
    alike = [one for one in RESOURCE_CLASSES if any(base in one.__mro__ for base in bases_that_read(cls, path))]
    assert any(table()[what.lower()].covers(path) for one in alike for what in one.types)


def bases_that_read(cls: type[ReadByField], path: str) -> Iterator[type]:
    """Yield the classes whose own fields read a path; other classes with the same base may be those that have it."""
    for base in cls.__mro__:
        if issubclass(base, ReadByField) and path.removeprefix("properties.") in paths_of(base):
            yield base


def test_the_table_names_nothing_that_no_check_rests_on() -> None:
    rested = {(str(one.values[0]).lower(), str(one.values[1])) for one in (*TYPED, *JUDGED, *FINGERPRINT)}
    rested |= {(what.lower(), str(one.values[1])) for one in BY_FIELD for what in one.values[0].types}  # type: ignore[union-attr] # a class
    for what, row in table().items():
        for stated in (*row.has, *(late.property for late in row.later)):
            kinds = {name.lower() for name in row.types}
            assert any(kind in kinds and within(path, stated) for kind, path in rested), (what, stated)


def listings() -> Iterator[Listing]:
    every = (
        *catalogue.PER_TENANT,
        *catalogue.PER_SUBSCRIPTION,
        *catalogue.PER_CANDIDATE,
        *catalogue.PER_RECOVERY_VAULT,
        *catalogue.PER_LONE_ASSESSMENT,
        *catalogue.FOR_CANDIDATES,
        *catalogue.DEEP,
        *catalogue.MACHINES,
        *catalogue.FOR_PROJECTS,
        *catalogue.QUESTIONED,
        *PER_MANAGEMENT_GROUP,
        OWN_PERMISSIONS,
    )
    for listing in every:
        yield listing
        if listing.parents is not None:
            yield listing.parents
    for kind in TRACKED:
        yield from kind.children
        if kind.whole is not None:
            yield kind.whole


def asked() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every type that is asked for, with the api-versions, newest first."""
    yield from ((listing.what, listing.source.versions) for listing in listings() if listing.what != INGESTION)
    yield from ((kind.what, kind.api_versions) for kind in TRACKED if kind.api_versions)
    yield from ((what, resources("").versions) for what in LISTED_AMONG_ALL)
    yield "Microsoft.Resources/resources", diagnostics._RESOURCES.versions
    yield from ((what, tuple(versions)) for what, versions in azure_workspaces._VERSIONS.items())


ASKED = [pytest.param(what, versions, id=f"{what}@{versions[0]}") for what, versions in asked()]


@pytest.mark.parametrize(("what", "versions"), ASKED)
def test_versions_are_asked_for_newest_first_and_none_is_older_than_the_table(
    what: str, versions: tuple[str, ...]
) -> None:
    assert list(versions) == sorted(set(versions), key=order, reverse=True)
    row = table().get(what.lower())
    assert row is None or order(versions[-1]) >= order(row.since)


@pytest.mark.parametrize(("what", "versions"), ASKED)
def test_the_version_that_is_asked_for_first_has_every_property_that_a_check_rests_on(
    what: str, versions: tuple[str, ...]
) -> None:
    assert lacking(what, versions[0]) == ()


def test_apply_reads_workspaces_in_the_versions_of_a_scan() -> None:
    for listing in (loganalytics.WORKSPACES, loganalytics.DELETED_WORKSPACES):
        asked_for = azure_workspaces._VERSIONS[listing.what]
        assert tuple(asked_for) == listing.source.versions[-len(asked_for) :]


def test_every_type_of_the_table_is_asked_for() -> None:
    names = {what.lower() for what, _ in asked()} | {"microsoft.resources/subscriptions/resourcegroups"}
    items = "microsoft.recoveryservices/vaults/replicationfabrics/replicationprotectioncontainers"
    aliases = {"microsoft.keyvault/locations/deletedvaults", f"{items}/replicationmigrationitems"}
    assert table().keys() - names - aliases == set()


SDKS = [listing for listing in listings() if isinstance(listing.source, Sdk)]


@pytest.mark.parametrize("source", [*(one.source for one in SDKS), resources("")], ids=lambda one: one.operation)
def test_an_sdk_package_is_asked_in_the_version_that_it_is_made_for(source: Sdk) -> None:
    """A package that moves to another version may bring other properties: the table must be looked at again."""
    module = source.client().__module__.rpartition(".")[0]
    configuration = next(
        value
        for name, value in vars(__import__(f"{module}._configuration", fromlist=["x"])).items()
        if name.endswith("ClientConfiguration")
    )
    assert (
        configuration(credential=object(), subscription_id="x", base_url="https://x").api_version
        == (source.versions[0])
    )


REPLICATION = "properties.replication.enabled"
OLD = older_version_gap(WORKSPACES, "/subscriptions/s", "2023-09-01")


def test_an_older_version_hides_what_it_lacks_and_nothing_else() -> None:
    assert OLD is not None
    assert (OLD.status, OLD.code, answered_version(OLD)) == (200, OLDER_VERSION, "2023-09-01")
    assert hides(OLD, REPLICATION)
    assert hides(OLD, "properties.Replication")
    assert not hides(OLD, "properties.replicationState")
    assert not hides(OLD, "properties.customerId")
    assert older_version_gap(WORKSPACES, "/subscriptions/s", "2025-02-01") is None
    assert "2025-02-01" in OLD.message
    assert "was not read completely" in OLD.words


@pytest.mark.parametrize(
    "message",
    [
        "",
        "<redacted>",
        "this cloud answers in api-version 2099-01-01x",
        "this cloud answers in api-version 2023-09-01-",
        " this cloud answers in api-version 2099-01-01, without",
    ],
)
def test_without_a_version_everything_that_any_version_lacks_is_hidden(message: str) -> None:
    assert hides(Gap(WORKSPACES, "/", 200, OLDER_VERSION, message), REPLICATION)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"properties": {"replication": {"enabled": False}}}, True),
        ({"Properties": {"Replication": {"ENABLED": None}}}, True),
        ({"properties": {"replication": None}}, False),
        ({"properties": {"replication": []}}, False),
        ({"properties": {}}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_body_holds_a_property_in_any_case(body: object, expected: bool) -> None:
    assert holds(body, REPLICATION) is expected


def test_a_preview_comes_before_the_final_version_of_its_date() -> None:
    versions = ["2024-12-01-preview", "2020-07-07", "2024-12-01", "2020-07-07-preview"]
    assert sorted(versions, key=order) == ["2020-07-07-preview", "2020-07-07", "2024-12-01-preview", "2024-12-01"]
