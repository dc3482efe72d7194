"""A redacted Conditional Access policy decides as before: its vocabulary stays, the ids in it are those of the rest."""

from pathlib import Path

from auditor.access.access import Access
from auditor.inventory.inventory import Inventory
from auditor.inventory.redaction.pseudonyms import Pseudonyms
from auditor.inventory.redaction.redact import redacted, well_known
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load


def test_the_verdicts_stay_and_no_id_does(fixtures: Path) -> None:
    held = load(fixtures / "contoso-gov.yaml")
    before = Inventory.of(held)
    after = Inventory.of(redacted(held, Pseudonyms(b"k" * 32, well_known(held))).snapshot)
    decided = [[Access.of(one).device_code(user.id).verdict for user in one.objects(User)] for one in (before, after)]
    assert sorted(verdict.value for verdict in decided[0]) == ["allow", "deny"]
    assert sorted(verdict.value for verdict in decided[1]) == ["allow", "deny"]
    bodies = b"".join(record.body for record in after.snapshot.graph)
    assert not [user.id for user in before.objects(User) if user.id.encode() in bodies]
