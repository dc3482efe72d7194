"""The result of a preflight, with the environment and the time it is about: all that its renderers show."""

from dataclasses import dataclass

from auditor.audit.environment_report import EnvironmentReport
from auditor.audit.preflight.report import Preflight


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightResult(EnvironmentReport):
    """A preflight with where it comes from."""

    preflight: Preflight
    again: str = ""
    """The command that checks the same live, for a POSIX shell; empty if it is not known."""
