"""The snapshot's gaps, served as the refusals that they record."""

from collections.abc import Iterable

from auditor.emulator.exchange import HttpResponse, error_body, json_answer
from auditor.inventory.reads import ONLY_READABLE, Gap, Read

_TENANT_LISTS = frozenset(
    {
        "microsoft.resources/tenants",
        "microsoft.resources/subscriptions",
        "microsoft.management/managementgroups",
        "microsoft.management/managementgroups/descendants",
        "microsoft.authorization/roleassignments",
        "microsoft.authorization/roledefinitions",
        "microsoft.authorization/denyassignments",
        "microsoft.authorization/roleeligibilityscheduleinstances",
        "microsoft.authorization/roleassignmentscheduleinstances",
        "microsoft.authorization/policyassignments",
    }
)
"""Lists that can be asked of the tenant itself: a refusal there says nothing about the same list of a subscription."""

_ERRORS_WITHOUT_CODE = {
    400: "BadRequest",
    401: "AuthenticationFailed",
    403: "AuthorizationFailed",
    404: "NotFound",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


class Refusals:
    """Gaps by what was asked and where."""

    def __init__(self, gaps: Iterable[Gap], reads: Iterable[Read] | None) -> None:
        self._gaps: dict[tuple[str, str], Gap] = {}
        for gap in gaps:
            if gap.code == ONLY_READABLE:
                continue  # Azure answered: that the answer proves nothing is the reader's conclusion
            self._gaps.setdefault((gap.what.lower(), _scope(gap.scope)), gap)
        self._read = {(read.what.lower(), _scope(read.scope)) for read in reads or ()}
        self.any = bool(self._gaps)

    def at(self, what: str, scope: str) -> Gap | None:
        """The gap recorded for exactly this list or resource."""
        return self._gaps.get((what, scope)) if self.any else None

    def over(self, what: str, scopes: Iterable[str]) -> Gap | None:
        """The gap that covers a list: at the first of `scopes` (nearest first), or above unless it was read."""
        if not self.any:
            return None
        for scope in (*scopes, ""):
            if not scope and what in _TENANT_LISTS:
                continue
            gap = self._gaps.get((what, scope))
            if gap is not None:
                return gap
            if (what, scope) in self._read:
                return None
        return None

    def was_read(self, what: str, scope: str) -> bool:
        """Say whether a read record stands for exactly this list."""
        return (what, scope) in self._read


def refusal_of(gap: Gap) -> HttpResponse:
    """Return the answer that a gap records: an error, a connection that closes (0), or a body that is no JSON (2xx)."""
    if gap.status == 0:
        return HttpResponse(0, dropped=True)
    if gap.status < 300:
        return HttpResponse(gap.status, b'{"value":[')
    code = gap.code or _ERRORS_WITHOUT_CODE.get(gap.status, "Failed")
    headers = {"Retry-After": "1"} if gap.status == 429 else {}
    return json_answer(error_body(code, gap.message), gap.status, headers)


def _scope(text: str) -> str:
    return text.lower().rstrip("/")
