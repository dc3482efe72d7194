"""What is not read of a list of machines leaves facts about its assessment as they are, or unknown: never other."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.fact import Fact, Known
from auditor.facts.subjects.assessment import assessment_subject
from auditor.inventory.lists import GROUP_ASSESSED_MACHINES
from auditor.inventory.reads import Gap
from tests.facts.readiness.waves import WAVE, machine, readiness, wave
from tests.facts.small import Body

WORDS = ["Suitable", "ConditionallySuitable", "NotSuitable", "ReadinessUnknown", "New", None, 3]
DISKS = [None, {}, "odd", {"0": {"suitability": "NotSuitable"}}, {"0": {"suitability": "Suitable"}}]
MISSING = "PercentageOfCoresUtilizedMissing"
MACHINES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(WORDS), st.sampled_from(DISKS), st.booleans()),
    max_size=5,
)
STATED = st.fixed_dictionaries(
    {},
    optional={
        "numberOfMachines": st.integers(0, 6),
        "suitabilitySummary": st.dictionaries(st.sampled_from(["suitable", "notSuitable", "New"]), st.integers(0, 3)),
        "status": st.sampled_from(["Completed", "OutOfSync", "OutDated", "Running", "Queued"]),
    },
)


def facts(stated: dict[str, Any], listed: list[Body], *gaps: Gap) -> dict[str, Fact[Any]]:
    (one,) = readiness(wave(**stated), *listed, gaps=gaps).waves
    return dict(assessment_subject(one).facts)


@given(STATED, MACHINES, st.data())
def test_a_list_that_is_not_read_turns_no_fact_into_another(stated: dict[str, Any], rows: Any, data: Any) -> None:
    listed = [
        {
            **machine(name, word, disks=disks, suitabilityDetail=MISSING if missing else "None"),
            "id": f"{WAVE}/assessedMachines/{number}",
        }
        for number, (name, word, disks, missing) in enumerate(rows)
    ]
    whole = facts(stated, listed)
    seen = data.draw(st.integers(0, len(listed)))
    hidden = facts(stated, listed[:seen], Gap(GROUP_ASSESSED_MACHINES, WAVE, 403, "AuthorizationFailed"))
    for name, fact in hidden.items():
        if isinstance(fact, Known):
            assert [fact.value] == [one.value for one in (whole[name],) if isinstance(one, Known)], name
