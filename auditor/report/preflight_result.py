"""The result of a preflight, with the environment and the time it is about: all that its renderers show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.audit.preflight.report import Preflight


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightResult:
    """A preflight with where it comes from; `titles` are the names of subscriptions by id in lower case."""

    tool: str
    tenant_id: str
    tenant_name: str
    cloud: str
    evaluated_at: datetime
    read_by: str
    titles: Mapping[str, str]
    preflight: Preflight
