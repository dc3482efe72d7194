"""Redacted machines: their names, disks and adapters become pseudonyms, and Azure's words about them stay."""

from collections.abc import Iterator
from itertools import chain

from auditor.data import fixtures_dir
from auditor.inventory.inventory import Inventory
from auditor.inventory.redaction.pseudonyms import Pseudonyms
from auditor.inventory.redaction.redact import redacted
from auditor.inventory.resources.assessments import AssessedMachine, Assessment, AssessmentGroup
from auditor.inventory.resources.offazure import SiteMachine
from auditor.inventory.snapshot.files import load

SNAPSHOT = load(fixtures_dir() / "contoso.yaml")
REDACTED = redacted(SNAPSHOT, Pseudonyms(b"sixteen bytes at least")).snapshot
TRUE, SHOWN = Inventory.of(SNAPSHOT), Inventory.of(REDACTED)
NAMES = ("BER-", "HAM-", "MUC-", "WEB01", "d15c", "Berlin LAN", "scsi0-", "berlin-wave1", "dc-exit-wave7")


def about_machines(inventory: Inventory) -> Iterator[tuple[object, ...]]:
    for machine in inventory.each(AssessedMachine):
        parts = chain(machine.disks, machine.adapters)
        yield (
            machine.suitability,
            machine.causes,
            machine.recommended_size,
            machine.boot_type,
            machine.os_name,
            machine.os_type,
            machine.support_status,
            machine.confidence,
            tuple((part.suitability, part.causes, part.recommended_size, part.gigabytes) for part in parts),
            tuple(disk.display_name is None for disk in machine.disks),
            tuple((issue.code, issue.category) for issue in machine.issues),
            tuple(part.word for part in machine.parts),
            machine.unread,
        )


def about_assessments(inventory: Inventory) -> Iterator[tuple[object, ...]]:
    for one in inventory.each(Assessment):
        yield (
            *(one.status, one.stage, one.sizing_criterion, one.percentile, one.time_range, one.offer, one.savings),
            *(one.target_location, one.disk_types, one.vm_families, one.kind, one.currency, one.scope_kind),
            *(one.confidence, one.updated, one.unread, one.suitability_summary),
        )
    for group in inventory.each(AssessmentGroup):
        yield group.status, group.kind, group.supported_kinds, group.machine_count


def about_discovered(inventory: Inventory) -> Iterator[tuple[object, ...]]:
    for machine in inventory.each(SiteMachine):
        yield (
            *(machine.power, machine.firmware, machine.is_deleted, machine.dynamic_memory, machine.dependency_mapping),
            *(machine.os_name, machine.os_type, tuple((one.number, one.code, one.severity) for one in machine.errors)),
        )


def test_azures_words_about_machines_stay() -> None:
    for told in (about_machines, about_assessments, about_discovered):
        assert len(list(told(TRUE))) >= 3
        assert sorted(map(repr, told(SHOWN))) == sorted(map(repr, told(TRUE)))


def test_no_name_of_a_machine_or_of_its_parts_is_left() -> None:
    kinds = (AssessedMachine, Assessment, AssessmentGroup, SiteMachine)
    bodies = [record.body.decode() for kind in kinds for name in kind.types for record in SHOWN.of_type(name)]
    assert len(bodies) > 30
    assert [(name, body) for name in NAMES for body in bodies if name.lower() in body.lower()] == []


def test_an_assessed_machine_still_names_the_discovered_one() -> None:
    for machine in SHOWN.each(AssessedMachine):
        if machine.site_machine is not None:
            found = SHOWN.get(machine.site_machine)
            assert isinstance(found, SiteMachine)
            assert found.display_name == machine.display_name
