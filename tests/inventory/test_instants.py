from datetime import UTC, datetime

import pytest

from auditor.inventory.instants import instant, spell


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-09-26T11:15:55.0545447Z", datetime(2022, 9, 26, 11, 15, 55, 54544, tzinfo=UTC)),
        ("2022-09-26T11:15:55.05454Z", datetime(2022, 9, 26, 11, 15, 55, 54540, tzinfo=UTC)),
        ("2022-09-26T11:15:55", datetime(2022, 9, 26, 11, 15, 55, tzinfo=UTC)),
        ("2022-09-26 11:15Z", datetime(2022, 9, 26, 11, 15, tzinfo=UTC)),
        ("2022-09-26T13:15:55+02:00", datetime(2022, 9, 26, 11, 15, 55, tzinfo=UTC)),
        ("Fri, 15 Jan 2021 10:01:59 GMT", datetime(2021, 1, 15, 10, 1, 59, tzinfo=UTC)),
        (datetime(2022, 9, 26, tzinfo=UTC), datetime(2022, 9, 26, tzinfo=UTC)),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-14:00", datetime.max.replace(tzinfo=UTC)),
        ("2022-13-40T11:15:55Z", None),
        ("soon", None),
        ("", None),
        (None, None),
        (17, None),
    ],
)
def test_every_form_azure_writes(text: object, expected: datetime | None) -> None:
    assert instant(text) == expected


def test_spelling_is_read_back() -> None:
    moment = datetime(2026, 11, 23, 10, 0, 0, 120000, tzinfo=UTC)
    assert spell(moment) == "2026-11-23T10:00:00.120000Z"
    assert instant(spell(moment)) == moment
