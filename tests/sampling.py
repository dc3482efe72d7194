"""The number of cases that a test tries: few in `make test`, more in `make check`, many more or all in `make laws`.

Cases that only `make exhaustive` tries bear the mark `exhaustive`.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
"""How long Hypothesis searches: `everyday` in `make test`, `quick` in `make check`, `thorough` in `make laws`."""
THOROUGH = PROFILE == "thorough"
"""Whether Hypothesis searches at length, with other examples in each run."""
WHOLE = bool(os.environ.get("MIGAUDIT_WHOLE_MATRIX"))
"""Whether all cells of a matrix are tried, which takes hours, or a fixed sample of them."""


def examples(quick: int, thorough: int = 1000, **more: Any) -> settings:
    """Return Hypothesis settings with a number of examples for each of two profiles; every day half of `quick`."""
    counts = {"everyday": (quick + 1) // 2, "quick": quick, "thorough": thorough}
    return settings(max_examples=counts[PROFILE], **more)


def sampled(
    names: str, cases: Mapping[str, Any] | Iterable[Any], *, one_in: int, ids: Any = None
) -> pytest.MarkDecorator:
    """Parametrize a test by a table: the first of each `one_in` cases is for every day, the others are `exhaustive`.

    Args:
        names: the parameters, with commas between them, as for `pytest.mark.parametrize`.
        cases: the values; of a mapping, the keys are the ids.
        one_in: how many cases have one for every day.
        ids: what `pytest.mark.parametrize` takes; of no use with a mapping.
    """
    if isinstance(cases, Mapping):
        cases, ids = list(cases.values()), list(cases)
    several = "," in names
    table = [
        pytest.param(*(case if several else (case,)), marks=[pytest.mark.exhaustive] if at % one_in else [])
        for at, case in enumerate(cases)
    ]
    return pytest.mark.parametrize(names, table, ids=ids)


def further(*cases: Any) -> list[Any]:
    """Return cases of one parameter, marked as `exhaustive`."""
    return [pytest.param(case, marks=pytest.mark.exhaustive) for case in cases]
