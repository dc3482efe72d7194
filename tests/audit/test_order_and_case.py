"""The letter case of ARM ids and the order of lists do not matter to any verdict."""

import json
import random
import re

import pytest

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Verdict
from auditor.audit.rules.book import load_rules
from auditor.data import fixtures_dir, rules_dir
from auditor.facts.subjects.every import subjects
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.records import ArmRecord, Link
from auditor.inventory.snapshot.snapshot import Snapshot

ARM_ID = re.compile(r'/(?:subscriptions|providers/Microsoft)[^"]*')


def verdicts(of: Snapshot) -> dict[tuple[str, str], Verdict]:
    inventory = Inventory.of(of)
    people = [user.id for user in inventory.objects(User)]
    found = evaluate(load_rules(rules_dir()), subjects(inventory, Access.of(inventory), accounts=people))
    return {(one.rule, one.subject.id.lower()): one.verdict for one in found}


def shaken(snapshot: Snapshot, seed: int) -> Snapshot:
    """Return the same environment with every ARM id in another letter case and every list in another order."""
    dice = random.Random(seed)

    def recased(text: str) -> str:
        return ARM_ID.sub(lambda id_: "".join(dice.choice((str.upper, str.lower))(one) for one in id_[0]), text)

    def record(of: ArmRecord) -> ArmRecord:
        body = recased(of.body.decode())
        return ArmRecord(json.loads(body)["id"], of.type.swapcase(), body.encode(), of.deleted)

    arm = [record(one) for one in snapshot.arm]
    links = [Link(one.rel, recased(one.from_), recased(one.to), one.scope) for one in snapshot.links]
    graph = list(snapshot.graph)
    for shuffled in (arm, links, graph):
        dice.shuffle(shuffled)
    return Snapshot.of(snapshot.header, arm=arm, graph=graph, links=links, reads=snapshot.reads, gaps=snapshot.gaps)


@pytest.mark.parametrize("name", ["contoso", "fabrikam", "tailspin"])
@pytest.mark.parametrize("seed", [1, 2])
def test_shaking_an_environment_changes_no_verdict(name: str, seed: int) -> None:
    snapshot = load(fixtures_dir() / f"{name}.yaml")
    again = shaken(snapshot, seed)
    assert again != snapshot
    assert verdicts(again) == verdicts(snapshot)
