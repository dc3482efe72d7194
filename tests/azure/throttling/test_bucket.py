"""The model of a budget."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.azure.throttling.bucket import CAREFUL, Bucket
from auditor.azure.throttling.limits import Limit

READS = Limit(250, 25)
STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "end", "count", "reset", "refuse", "quiet"]), st.integers(0, 400)), max_size=40
)


def drained(limit: Limit | None, units: int, *, answered: bool = False) -> Bucket:
    bucket = Bucket(limit, 0.0)
    for _ in range(units):
        bucket.take(1)
        if answered:
            bucket.ended(1)
    return bucket


def test_a_tenth_of_a_budget_is_left_to_others() -> None:
    assert drained(READS, 224).wait(1, 0.0) == 0
    assert drained(READS, 225).wait(1, 0.0) == pytest.approx(1 / 25)
    assert drained(READS, 235).wait(5, 0.0) == pytest.approx(15 / 25)


def test_it_is_refilled_by_what_is_published() -> None:
    bucket = drained(READS, 250, answered=True)
    assert bucket.wait(1, 0.0) == pytest.approx(26 / 25)
    assert bucket.wait(1, 1.04) == 0
    assert bucket.wait(225, 1000.0) == 0


def test_nothing_is_refilled_for_requests_that_may_not_have_arrived() -> None:
    bucket = drained(READS, 225)
    assert bucket.wait(1, 10.0) > 0
    for _ in range(225):
        bucket.ended(1)
    assert bucket.wait(1, 10.1) == 0


def test_a_request_that_costs_more_than_the_budget_waits_until_it_is_full() -> None:
    bucket = drained(READS, 25, answered=True)
    assert bucket.wait(1000, 0.0) == pytest.approx(1.0)
    assert bucket.wait(1000, 1.0) == 0


def test_a_count_of_azure_corrects_the_model_by_what_is_still_under_way() -> None:
    bucket = drained(READS, 40)
    for _ in range(30):
        bucket.ended(1)
    bucket.counted(30, 0.0)  # others draw on it too
    assert bucket.wait(1, 0.0) == 0
    for _ in range(5):
        bucket.take(1)
    assert bucket.wait(1, 0.0) == pytest.approx(1 / 25)
    bucket.counted(249, 0.0)  # 15 are under way, so at least 234 are left
    assert bucket.wait(234 - 25, 0.0) == 0
    assert bucket.wait(236 - 25, 0.0) > 0


def test_a_larger_budget_than_published_is_believed() -> None:
    bucket = drained(READS, 1)
    bucket.counted(11_999, 0.0)
    assert bucket.wait(5000, 0.0) == 0


def test_a_window_is_not_refilled_before_it_ends() -> None:
    bucket = drained(Limit(15, 3), 12)
    for _ in range(12):
        bucket.ended(1)
    bucket.resets(1, 4.0, 0.0)
    assert bucket.wait(1, 0.0) == 4
    assert bucket.wait(1, 3.5) == 0.5
    assert bucket.wait(13, 4.0) == 0


def test_a_refusal_closes_it_for_the_time_that_azure_asks_for() -> None:
    bucket = Bucket(READS, 0.0)
    bucket.refused(17.0, 1.0)
    assert bucket.wait(1, 1.0) == pytest.approx(17 + 1 / 25, abs=0.05)
    assert bucket.wait(1, 18.1) == 0
    assert bucket.wait(30, 18.1) > 0
    bucket.refused(2.0, 1.0)  # a shorter one does not open it
    assert bucket.blocked_until == 18


def test_a_budget_that_is_not_published_is_bottomless_until_it_is_refused_and_recovers_step_by_step() -> None:
    bucket = Bucket(None, 0.0)
    for _ in range(10_000):
        bucket.take(1)
        bucket.ended(1)
    assert bucket.wait(1, 0.0) == 0
    bucket.refused(0.0, 0.0)
    assert bucket.wait(1, 0.0) == pytest.approx(1 / CAREFUL.per_second)
    answers = 0
    while bucket.burst < inf:
        bucket.answered()
        answers += 1
    assert answers > 20
    assert bucket.wait(10_000, 0.0) == 0


@given(st.sampled_from([READS, Limit(15, 3), None]), STEPS)
def test_whatever_happens_a_wait_ends(limit: Limit | None, steps: list[tuple[str, int]]) -> None:
    """Once all is answered, a request can be sent after as long as the bucket says: no history closes it for ever."""
    bucket, now = Bucket(limit, 0.0), 0.0
    for step, number in steps:
        now += number / 100
        match step:
            case "take":
                bucket.take(number % 7)
            case "end":
                bucket.ended(min(bucket.under_way, number % 7))
            case "count":
                bucket.counted(number, now)
            case "reset":
                bucket.resets(number % 16, number % 9, now)
            case "refuse":
                bucket.refused(number / 10, now)
            case _:
                bucket.answered()
    waits = 0
    bucket.ended(bucket.under_way)
    while (pause := bucket.wait(1, now)) > 0:
        assert pause < 1000
        now, waits = now + pause + 1e-6, waits + 1
        assert waits < 5
