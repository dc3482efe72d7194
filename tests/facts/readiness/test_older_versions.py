"""A cloud that has only the oldest api-version of assessments gives the same numbers."""

from auditor.collect.request import Request
from auditor.facts.readiness.readiness import Assessed, Readiness
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    ASSESSED_MACHINES,
    ASSESSMENT_GROUPS,
    ASSESSMENTS,
    GROUP_ASSESSED_MACHINES,
    GROUP_ASSESSMENTS,
)
from auditor.inventory.readiness_scope import ReadinessScope
from tests.collect.emulated import collected, embedded

OLDEST = dict.fromkeys(
    (ASSESSMENT_GROUPS, GROUP_ASSESSMENTS, GROUP_ASSESSED_MACHINES, ASSESSMENTS, ASSESSED_MACHINES), "2019-10-01"
)
BRANCHES = ReadinessScope(project="contoso-branches")


async def test_what_an_older_version_lacks_does_not_make_numbers_unknown() -> None:
    def readiness(lagging: bool) -> Readiness:
        return Assessed(Inventory.of(found[lagging]), BRANCHES).readiness()

    wanted = Request(all=True, machines=True)
    found = [await collected(embedded("contoso"), wanted, lag=lag) for lag in ({}, OLDEST)]
    new, old = readiness(False), readiness(True)
    assert old.total == new.total
    assert old.total.machines == 12
    calculated = [one.chosen.state.has_numbers for one in old.waves]
    assert [one.has_numbers for one in old.waves] == calculated
    assert (old.gaps, [one.is_whole for one in old.waves]) == ((), calculated)
    assert calculated.count(False) == 2
