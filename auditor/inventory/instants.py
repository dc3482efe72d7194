"""Timestamps in all the forms that Azure uses."""

import re
from datetime import UTC, datetime

_ISO = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?P<second>:\d\d)?(\.(?P<fraction>\d+))?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_NEVER = " 0001 "


def instant(text: object) -> datetime | None:
    """Return the time that `text` contains, in UTC, or None where it contains none.

    Accepts ISO 8601 with any number of fraction digits (Azure writes 5 to 7) and with or without a zone (none is UTC),
    RFC 1123 (`Fri, 15 Jan 2021 10:01:59 GMT`) and datetimes. Year 1, by which Azure means never, is None.
    """
    if isinstance(text, datetime):
        moment: datetime | None = text
    elif isinstance(text, str):
        moment = _iso(text.strip()) or _rfc1123(text.strip())
    else:
        return None
    if moment is None or moment.year == 1:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the last hours of the year 9999, west of Greenwich
        return datetime.max.replace(tzinfo=UTC)


def spell(moment: datetime) -> str:
    """Return `moment` in UTC as ISO 8601 with `Z`, whole seconds unless it has a fraction."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    fraction = (match["fraction"] or "")[:6].ljust(6, "0")
    zone = (match["zone"] or "Z").upper()
    try:
        return datetime.fromisoformat(f"{match['minute']}{match['second'] or ':00'}.{fraction}{zone}")
    except ValueError:
        return None


def _rfc1123(text: str) -> datetime | None:
    if _NEVER in text:  # the library would read the year as 2001
        return None
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
