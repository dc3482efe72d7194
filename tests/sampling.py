"""The number of cases that a test tries: a sample every day, many more or all of them in `make laws`."""

import os
from typing import Any

from hypothesis import settings

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
"""Whether Hypothesis searches at length, with other examples in each run."""
WHOLE = bool(os.environ.get("MIGAUDIT_WHOLE_MATRIX"))
"""Whether all cells of a matrix are tried, which takes hours, or a fixed sample of them."""


def examples(everyday: int, thorough: int = 1000, **more: Any) -> settings:
    """Return Hypothesis settings with a number of examples for each of the two profiles."""
    return settings(max_examples=thorough if THOROUGH else everyday, **more)
