"""The typed groups, assessments and machines: both shapes fill the same fields, and an odd property is only unread."""

import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import MALFORMED
from auditor.inventory.resources.assessments import AssessedMachine, Assessment, AssessmentGroup, PartKind
from auditor.inventory.resources.fields import ReadByField, cut_to_fields, fields_of
from auditor.inventory.resources.offazure import SiteMachine
from auditor.inventory.snapshot.records import Header, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot

RESOURCE_GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g"
PROJECT = f"{RESOURCE_GROUP}/providers/Microsoft.Migrate/assessmentprojects/p"
CLASSIC = f"{PROJECT}/groups/Wave1/assessments/a1"
NEWER = f"{PROJECT}/assessments/a1"
SITE = f"{RESOURCE_GROUP}/providers/Microsoft.OffAzure/HyperVSites/s"
SOURCE = f"{SITE}/machines/11111111-1111-4111-8111-111111111112"

OLDER_MACHINE: dict[str, Any] = {
    "id": f"{CLASSIC}/assessedMachines/m1",
    "name": "m1",
    "eTag": '"1"',
    "type": "Microsoft.Migrate/assessmentprojects/groups/assessments/assessedMachines",
    "properties": {
        "displayName": "SRV-01",
        "datacenterMachineArmId": SOURCE.lower(),
        "suitability": "ConditionallySuitable",
        "suitabilityExplanation": "NotApplicable",
        "suitabilityDetail": "PercentageOfCoresUtilizedMissing, PercentageOfMemoryUtilizedMissing",
        "disks": {
            "6000C299": {
                "name": "6000C299",
                "displayName": "scsi0:0",
                "suitability": "NotSuitable",
                "suitabilityExplanation": "DiskSizeGreaterThanSupported",
                "suitabilityDetail": "None",
                "monthlyStorageCost": 5.9,
            }
        },
        "networkAdapters": {
            "4000": {
                "displayName": "VM Network",
                "ipAddresses": ["10.0.0.4"],
                "suitability": "Suitable",
                "suitabilityExplanation": "MegabytesOfDataTransmittedMissing, MegabytesOfDataRecievedMissing",
                "suitabilityDetail": "NotApplicable",
            }
        },
        "recommendedSize": "Standard_F8s_v2",
        "numberOfCoresForRecommendedSize": 8,
        "megabytesOfMemoryForRecommendedSize": 16384.0,
        "numberOfCores": 4,
        "megabytesOfMemory": 8192.0,
        "percentageCoresUtilization": 12.5,
        "percentageMemoryUtilization": 40.0,
        "confidenceRatingInPercentage": 87.9,
        "bootType": "EFI",
        "operatingSystemName": "Ubuntu Linux (64-bit)",
        "operatingSystemType": "linuxGuest",
        "operatingSystemVersion": None,
        "productSupportStatus": {"supportStatus": "Out of Support", "eta": 3},
        "errors": [{"id": 10008, "code": "UnableToConnect", "severity": "Error", "message": "no route"}],
        "monthlyComputeCostForRecommendedSize": 101.1,
        "updatedTimestamp": "2026-02-28T10:00:00.1234567Z",
    },
}
NEWER_MACHINE: dict[str, Any] = {
    "id": f"{NEWER}/assessedMachines/m1",
    "name": "m1",
    "type": "Microsoft.Migrate/assessmentProjects/assessments/assessedMachines",
    "properties": {
        "workloadType": "Machine",
        "linkages": [
            {"linkageType": "Parent", "kind": "Host", "armId": f"{SITE}/hosts/h1"},
            {"linkageType": "Source", "kind": "Machine", "armId": SOURCE},
        ],
        "recommendations": [
            {"configuration": {"azureTarget": "Avs"}, "migrationSuitability": {"readiness": "Ready"}},
            {
                "configuration": {"azureTarget": "AzureVM", "sizingCriterion": "PerformanceBased"},
                "confidenceScore": 60,
                "migrationSuitability": {"readiness": "ReadyWithConditions"},
                "migrationIssues": [
                    {
                        "issueCode": "BootTypeUnknown",
                        "issueCategory": "Warning",
                        "issueDescription": "The boot type is not known.",
                        "possibleCause": "The appliance could not read it.",
                        "recommendedActions": ["Check the boot type."],
                        "moreInformation": [{"title": "t", "url": "https://learn.microsoft.com"}],
                    }
                ],
                "skus": [
                    {"details": {"skuType": "Compute", "skuName": "Standard_D4s_v5", "totalCost": [{"a": 1}]}},
                    {
                        "details": {"skuType": "Storage", "skuName": "Premium_P10"},
                        "sources": [{"name": "disk0", "migrationSuitability": {"readiness": "NotReady"}}],
                    },
                ],
            },
        ],
        "extendedDetails": {
            "displayName": "SRV-01",
            "disks": [{"name": "disk0", "displayName": "scsi0:0", "gigabytesProvisioned": 80}],
            "networkAdapters": [{"name": "nic0", "ipAddresses": ["10.0.0.4"]}],
            "numberOfCores": 4,
            "megabytesOfMemory": 8192,
            "bootType": "EFI",
        },
        "updatedTimestamp": "2026-02-28T10:00:00Z",
    },
}
SITE_MACHINE: dict[str, Any] = {
    "id": SOURCE,
    "name": "11111111-1111-4111-8111-111111111112",
    "type": "Microsoft.OffAzure/HyperVSites/machines",
    "properties": {
        "displayName": "SRV-01",
        "isDeleted": "true",
        "isDynamicMemoryEnabled": True,
        "powerStatus": "Running",
        "allocatedMemoryInMB": 8192,
        "operatingSystemDetails": {"osName": "Windows Server 2019", "osType": None},
        "guestOsDetails": {"osVersion": "10.0"},
        "appsAndRoles": {"features": [{"name": "x"}] * 50},
        "errors": [{"id": 60001, "messageParameters": {"a": "b"}}],
        "updatedTimestamp": "0001-01-01T00:00:00",
    },
}
OLDER_ASSESSMENT: dict[str, Any] = {
    "id": CLASSIC,
    "type": "Microsoft.Migrate/assessmentprojects/groups/assessments",
    "properties": {
        "status": "OutDated",
        "stage": "InProgress",
        "confidenceRatingInPercentage": None,
        "sizingCriterion": "PerformanceBased",
        "percentile": "Percentile95",
        "timeRange": "Day",
        "perfDataStartTime": "2026-02-01T00:00:00Z",
        "azureOfferCode": "MSAZR0003P",
        "scalingFactor": 1.3,
        "azureLocation": "WestEurope",
        "numberOfMachines": 3,
        "suitabilitySummary": {"suitable": 2, "notSuitable": 1},
        "pricesTimestamp": "2023-08-16T00:00:00",
        "assessmentType": "MachineAssessment",
    },
}
NEWER_ASSESSMENT: dict[str, Any] = {
    "id": NEWER,
    "type": "Microsoft.Migrate/assessmentProjects/assessments",
    "properties": {
        "scope": {"scopeType": "ServerGroupId", "serverGroupId": f"{PROJECT}/groups/WAVE1"},
        "settings": {
            "azureLocation": "WestEurope",
            "scalingFactor": 1.3,
            "sizingCriterion": "PerformanceBased",
            "performanceData": {
                "percentile": "Percentile95",
                "timeRange": "Day",
                "perfDataStartTime": "2026-02-01T00:00:00Z",
            },
            "savingsSettings": {"azureOfferCode": "MSAZR0003P"},
        },
        "details": {"status": "OutDated", "pricesTimestamp": "2023-08-16T00:00:00Z"},
    },
}
GROUP: dict[str, Any] = {
    "id": f"{PROJECT}/groups/Wave1",
    "type": "Microsoft.Migrate/assessmentprojects/groups",
    "properties": {
        "groupStatus": "Completed",
        "machineCount": 3,
        "assessments": [CLASSIC, f"{PROJECT}/groups/Wave1/avsAssessments/b"],
        "areAssessmentsRunning": False,
        "supportedAssessmentTypes": ["MachineAssessment", "AvsAssessment"],
    },
}
HEADER = Header(tenant_id="t", collected_at=datetime(2026, 3, 1, tzinfo=UTC))
BODIES: list[tuple[type[ReadByField], dict[str, Any]]] = [
    (AssessedMachine, OLDER_MACHINE),
    (AssessedMachine, NEWER_MACHINE),
    (SiteMachine, SITE_MACHINE),
    (Assessment, OLDER_ASSESSMENT),
    (Assessment, NEWER_ASSESSMENT),
    (AssessmentGroup, GROUP),
]


def of(body: dict[str, Any], kind: type[ReadByField]) -> Any:
    return msgspec.json.decode(msgspec.json.encode(body), type=kind, strict=False)


def public(kind: type) -> list[str]:
    """Return the names of everything that a class shows."""
    own = {name for base in kind.__mro__ for name, one in vars(base).items() if isinstance(one, property)}
    return sorted({*fields_of(kind), *own})


def shown(resource: Any) -> dict[str, object]:
    """Return all that a resource shows, parts as their own fields."""

    def plain(value: Any) -> object:
        if isinstance(value, tuple):
            return tuple(map(plain, value))
        if hasattr(value, "held") and not isinstance(value, ReadByField):
            return {name: plain(getattr(value, name)) for name in public(type(value))}
        return tuple(map(plain, value)) if hasattr(value, "__next__") else value

    return {name: plain(getattr(resource, name)) for name in public(type(resource))}


def test_a_machine_in_the_shape_with_groups() -> None:
    machine: AssessedMachine = of(OLDER_MACHINE, AssessedMachine)
    assert machine.display_name == "SRV-01"
    assert machine.site_machine == SOURCE.lower()
    assert str(machine.site_machine_id).lower() == SOURCE.lower()
    assert machine.suitability == "ConditionallySuitable"
    assert machine.causes == ("PercentageOfCoresUtilizedMissing", "PercentageOfMemoryUtilizedMissing")
    assert [(disk.display_name, disk.suitability, disk.causes) for disk in machine.disks] == [
        ("scsi0:0", "NotSuitable", ("DiskSizeGreaterThanSupported",))
    ]
    assert machine.adapters[0].causes == ("MegabytesOfDataTransmittedMissing", "MegabytesOfDataRecievedMissing")
    assert (machine.recommended_size, machine.recommended_cores, machine.recommended_memory_mb) == (
        "Standard_F8s_v2",
        8,
        16384.0,
    )
    assert (machine.cores, machine.memory_mb, machine.cores_utilization, machine.memory_utilization) == (
        4,
        8192.0,
        12.5,
        40.0,
    )
    assert machine.confidence == 87
    assert (machine.boot_type, machine.os_type, machine.os_version) == ("EFI", "linuxGuest", None)
    assert machine.support_status == "Out of Support"
    assert [(error.number, error.code) for error in machine.errors] == [("10008", "UnableToConnect")]
    assert machine.updated is not None
    assert (machine.issues, machine.unread) == ((), ())
    assert str(machine.assessment) == CLASSIC


def test_a_machine_in_the_newer_shape() -> None:
    machine: AssessedMachine = of(NEWER_MACHINE, AssessedMachine)
    assert (machine.display_name, machine.site_machine, machine.unread) == ("SRV-01", SOURCE, ())
    assert (machine.suitability, machine.confidence, machine.recommended_size) == (
        "ConditionallySuitable",
        60,
        "Standard_D4s_v5",
    )
    assert [(one.code, one.category, one.cause, one.actions) for one in machine.issues] == [
        ("BootTypeUnknown", "Warning", "The appliance could not read it.", ("Check the boot type.",))
    ]
    assert [(part.kind, part.word) for part in machine.parts if part.word] == [(PartKind.DISK, "NotSuitable")]
    assert (machine.cores, machine.memory_mb, machine.boot_type, machine.causes) == (4, 8192.0, "EFI", ())


def test_recommendations_that_contradict_each_other_leave_the_suitability_unread() -> None:
    body = msgspec.json.decode(msgspec.json.encode(NEWER_MACHINE))
    body["properties"]["recommendations"][0]["configuration"]["azureTarget"] = "AzureVM"
    machine: AssessedMachine = of(body, AssessedMachine)
    assert machine.suitability is None
    assert "suitability" in machine.unread


def test_an_imported_machine_has_no_confidence_and_no_discovered_machine() -> None:
    held = {"displayName": "imported", "suitability": "Suitable", "confidenceRatingInPercentage": None}
    machine: AssessedMachine = of({**OLDER_MACHINE, "properties": held}, AssessedMachine)
    assert (machine.confidence, machine.site_machine, machine.unread) == (None, None, ())


def test_a_discovered_machine() -> None:
    machine: SiteMachine = of(SITE_MACHINE, SiteMachine)
    assert (machine.display_name, machine.is_deleted, machine.dynamic_memory) == ("SRV-01", True, True)
    assert (machine.power, machine.dependency_mapping, machine.updated) == ("Running", None, None)
    assert (machine.os_name, machine.os_version) == ("Windows Server 2019", "10.0")
    assert [(error.number, error.code) for error in machine.errors] == [("60001", None)]
    assert machine.unread == ()


def test_both_shapes_of_an_assessment_fill_the_same_fields_and_have_one_key() -> None:
    older: Assessment = of(OLDER_ASSESSMENT, Assessment)
    newer: Assessment = of(NEWER_ASSESSMENT, Assessment)
    for name in ("status", "sizing_criterion", "percentile", "time_range", "perf_start", "offer", "scaling_factor"):
        assert getattr(older, name) == getattr(newer, name) is not None
    assert older.prices_from == newer.prices_from
    assert older.key == newer.key == (PROJECT.lower(), "wave1", "a1")
    assert (older.is_newer, newer.is_newer, older.kind, newer.kind) == (False, True, *["MachineAssessment"] * 2)
    assert (older.confidence, older.number_of_machines) == (None, 3)
    assert older.suitability_summary == {"suitable": 2, "notSuitable": 1}


def test_an_assessment_of_a_query_is_not_the_one_of_a_group_with_its_name() -> None:
    held = {**NEWER_ASSESSMENT["properties"], "scope": {"scopeType": "AzureResourceGraphQuery"}}
    newer: Assessment = of({**NEWER_ASSESSMENT, "properties": held}, Assessment)
    assert newer.group == ""
    assert newer.key != of(OLDER_ASSESSMENT, Assessment).key


def test_a_group_names_assessments_of_every_kind() -> None:
    group: AssessmentGroup = of(GROUP, AssessmentGroup)
    assert (group.status, group.machine_count, group.is_running) == ("Completed", 3, False)
    assert len(group.assessments) == 2
    assert group.supported_kinds == ("MachineAssessment", "AvsAssessment")


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_a_cut_body_gives_the_same_resource(kind: type[ReadByField], body: dict[str, Any]) -> None:
    cut = cut_to_fields(body, kind)
    assert of(cut, kind) == of(body, kind)
    assert shown(of(cut, kind)) == shown(of(body, kind))
    assert cut_to_fields(cut, kind) == cut


def test_a_cut_body_is_small() -> None:
    assert len(msgspec.json.encode(cut_to_fields(SITE_MACHINE, SiteMachine))) < 800
    assert b"Cost" not in msgspec.json.encode(cut_to_fields(OLDER_MACHINE, AssessedMachine))
    assert b"10.0.0.4" not in msgspec.json.encode(cut_to_fields(NEWER_MACHINE, AssessedMachine))


ODD: tuple[Any, ...] = (None, {}, [], 7, -1, "odd", [None], {"a": {"b": 1}}, True, 1e308, "", [[]], [{}])


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, inner in parts for place in ((*at, name), *places(inner, (*at, name)))]


def put(value: Any, at: tuple[str | int, ...], new: Any) -> Any:
    if not at:
        return new
    if isinstance(value, dict):
        return {**value, at[0]: put(value[at[0]], at[1:], new)}
    return [put(inner, at[1:], new) if index == at[0] else inner for index, inner in enumerate(value)]


def respelt(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        ways = (str.upper, str.lower, str)
        return {chance.choice(ways)(name): respelt(inner, chance) for name, inner in value.items()}
    return [respelt(one, chance) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_an_odd_property_is_unread_and_nothing_else_changes(kind: type[ReadByField], body: dict[str, Any]) -> None:
    """A field with another value is unread, empty because its property is, or read from the new value."""
    true = shown(of(body, kind))
    for place in places(body["properties"], ("properties",)):
        for new in ODD:
            changed = put(body, place, new)
            resource = of(changed, kind)
            cut = of(cut_to_fields(changed, kind), kind)
            assert (cut, shown(cut)) == (resource, shown(resource))
            if isinstance(new, dict | list) or new in (None, ""):
                continue  # nothing is there, or a part of what is read is left
            now = shown(resource)
            lost = {name for name in fields_of(kind) if now[name] != true[name] and now[name] in (None, (), {})}
            assert {name for name in lost if not name.startswith("stated_")} <= set(resource.unread), (place, new)


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_the_letter_case_of_names_does_not_matter(kind: type[ReadByField], body: dict[str, Any]) -> None:
    for seed in range(5):
        held = respelt(body["properties"], random.Random(seed))
        other = {**body, "properties": held}
        assert of(other, kind).unread == of(body, kind).unread
        assert of(cut_to_fields(other, kind), kind) == of(other, kind)


@pytest.mark.parametrize("held", [{}, None, [], "text", {"somethingElse": 1}])
def test_a_machine_without_properties_is_a_gap(held: object) -> None:
    record = arm_record({**OLDER_MACHINE, "properties": held})
    inventory = Inventory.of(Snapshot.of(HEADER, arm=[record], reads=()))
    assert list(inventory.each(AssessedMachine)) == []
    assert [gap.code for gap in inventory.malformed] == [MALFORMED]


def test_machines_are_decoded_one_by_one() -> None:
    records = [arm_record({**OLDER_MACHINE, "id": f"{CLASSIC}/assessedMachines/m{at}"}) for at in range(3)]
    inventory = Inventory.of(Snapshot.of(HEADER, arm=records, reads=()))
    assert [one.arm_id.name for one in inventory.each(AssessedMachine)] == ["m0", "m1", "m2"]
    assert tuple(inventory.each(AssessedMachine)) == inventory.all(AssessedMachine)
    assert isinstance(inventory.get(f"{CLASSIC}/assessedMachines/M1"), AssessedMachine)
