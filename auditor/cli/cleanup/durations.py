"""Spans of time as people write them on a command line: `90s`, `30m`, `24h`, `2d`."""

import re
from datetime import timedelta
from typing import Any

import click

_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType[timedelta]):
    """A span of time with its unit."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the span that `value` spells; anything else is a usage error."""
        if isinstance(value, timedelta):
            return value
        found = _SPAN.fullmatch(str(value).strip().lower())
        if found is None:
            self.fail(f"`{value}` is no span of time; write it as 30m, 24h or 2d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: float(found[1])})
