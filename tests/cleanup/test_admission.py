from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from auditor.azure.clouds import CLOUDS, Cloud
from auditor.cleanup.admission import NotAdmitted, admit, admit_there
from auditor.cleanup.results import RunEnd
from tests.cleanup import leftovers as left

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "most", "end"),
    [
        (timedelta(0), DAY, None),
        (DAY, DAY, None),
        (DAY + timedelta(seconds=1), DAY, RunEnd.STALE),
        (timedelta(days=400), DAY, RunEnd.STALE),
        (timedelta(seconds=2), timedelta(seconds=1), RunEnd.STALE),
        (timedelta(minutes=-4), DAY, None),
        (timedelta(minutes=-6), DAY, RunEnd.STALE),
    ],
)
def test_a_plan_has_its_time(age: timedelta, most: timedelta, end: RunEnd | None) -> None:
    plan = left.plan(made=NOW - age)
    if end is None:
        admit(plan, NOW, most)
        return
    with pytest.raises(NotAdmitted) as refused:
        admit(plan, NOW, most)
    assert refused.value.end is end


def test_a_partial_plan_is_refused_however_fresh() -> None:
    plan = msgspec.structs.replace(left.plan(made=NOW), partial=("the scan was stopped",))
    with pytest.raises(NotAdmitted, match="partial") as refused:
        admit(plan, NOW, DAY)
    assert refused.value.end is RunEnd.REFUSED


def emulator(replays: str) -> Cloud:
    url = "https://127.0.0.1:1"
    return Cloud(
        name="MigauditEmulator", arm=url, arm_audience=url, login=url, graph=url, log_analytics="", replays=replays
    )


@pytest.mark.parametrize(
    ("tenant", "cloud", "fits"),
    [
        (left.TENANT, CLOUDS["AzureCloud"], True),
        (left.TENANT.upper(), CLOUDS["AzureCloud"], True),
        (left.SUBSCRIPTION, CLOUDS["AzureCloud"], False),
        (left.TENANT, CLOUDS["AzureUSGovernment"], False),
        (left.TENANT, emulator("AzureCloud"), True),
        (left.TENANT, emulator("AzureChinaCloud"), False),
        (left.TENANT, emulator(""), False),
    ],
)
def test_a_plan_has_its_place(tenant: str, cloud: Cloud, fits: bool) -> None:
    if fits:
        admit_there(left.plan(), tenant, cloud)
        return
    with pytest.raises(NotAdmitted) as refused:
        admit_there(left.plan(), tenant, cloud)
    assert refused.value.end is RunEnd.REFUSED
