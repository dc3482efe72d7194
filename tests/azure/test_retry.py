"""The waits between retries."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.azure.retry import Retry, retry_after

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "5"}, 5),
        ({"Retry-After": " 0.5 "}, 0.5),
        ({"Retry-After": "Mon, 23 Nov 2026 10:00:30 GMT"}, 30),
        ({"Retry-After": "Mon, 23 Nov 2026 09:00:00 GMT"}, 0),
        ({"Retry-After": "Mon, 23 Nov 2026 11:00:30 +0100"}, 30),
        ({"retry-after-ms": "250"}, 0.25),
        ({"x-ms-retry-after-ms": "1500", "Retry-After": "9"}, 1.5),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_what_retry_after_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@given(st.text(max_size=40))
def test_any_text_is_a_wait_or_none(text: str) -> None:
    asked = retry_after({"Retry-After": text}, NOW)
    assert asked is None or asked >= 0


@given(st.integers(-(10**6), 10**6))
def test_a_date_and_its_distance_mean_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after({"Retry-After": date}, NOW) == max(0, seconds)


@given(st.integers(1, 20), st.none() | st.floats(0, 1000), st.floats(0, 1000))
def test_a_wait_is_never_shorter_than_asked_nor_beyond_the_bound(
    failures: int, asked: float | None, elapsed: float
) -> None:
    retry = Retry(attempts=8, bound=300)
    wait = retry.wait(failures, asked, elapsed)
    if wait is None:
        assert failures >= 8 or (asked if asked is not None else 0) * 1.1 + 60 + elapsed > 300
        return
    assert failures < 8
    assert wait >= (asked or 0)
    assert elapsed + wait <= 300
