"""What every test may ask for: the embedded environments, and how hard Hypothesis searches."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from auditor.data import fixtures_dir

# No deadline: machines are slow at times, and time is not what a law is about. Repeatable, so that a red run stays red.
settings.register_profile(
    "quick", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of the embedded environments."""
    return fixtures_dir()
