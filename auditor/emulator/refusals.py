"""Gaps of the snapshot, served as the refusals that they record."""

from collections.abc import Iterable

from auditor.emulator.exchange import HttpResponse, error_body, json_response
from auditor.inventory.reads import HIDDEN, OLDER_VERSION, ONLY_READABLE, Gap, Read, absent_lists

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
"""Lists that exist at the tenant too: a refusal there says nothing about the list of a subscription."""

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
    """Gaps by list and scope."""

    def __init__(self, gaps: Iterable[Gap], reads: Iterable[Read] | None) -> None:
        gaps, reads = tuple(gaps), None if reads is None else tuple(reads)
        self._absent = {(gap.what.lower(), _scope(gap.scope)): gap for gap in absent_lists(reads, gaps)}
        self._gaps: dict[tuple[str, str], Gap] = {}
        for gap in gaps:
            if gap.code in {ONLY_READABLE, HIDDEN, OLDER_VERSION}:
                continue  # Azure did answer; the gap is a conclusion of the reader
            self._gaps.setdefault((_refused_list(gap), _scope(gap.scope)), gap)
        self._read = {(read.what.lower(), _scope(read.scope)) for read in reads or ()}
        self.any = bool(self._gaps)

    def at(self, what: str, scope: str) -> Gap | None:
        """Return the gap of exactly this list or resource, if any."""
        return self._gaps.get((what, scope)) if self.any else None

    def denied(self, what: str, scopes: Iterable[str]) -> Gap | None:
        """Return the gap that denies the type of a list at the nearest of `scopes`, and so everywhere inside it."""
        return next((gap for scope in scopes if (gap := self._absent.get((what, scope)))), None)

    def over(self, what: str, scopes: Iterable[str]) -> Gap | None:
        """Return the gap that covers a list: that of the nearest of `scopes` (nearest first), or of the tenant.

        A list that was read at a nearer scope has none.
        """
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
        """Return whether the snapshot says that exactly this list was read."""
        return (what, scope) in self._read


def refusal_of(gap: Gap) -> HttpResponse:
    """Return the answer that a gap records: an error, a closed connection (status 0), or a broken body (2xx)."""
    if gap.status == 0:
        return HttpResponse(0, dropped=True)
    if gap.status < 300:
        return HttpResponse(gap.status, b'{"value":[')
    code = gap.code or _ERRORS_WITHOUT_CODE.get(gap.status, "Failed")
    headers = {"Retry-After": "1"} if gap.status == 429 else {}
    return json_response(error_body(code, gap.message), gap.status, headers)


def _refused_list(gap: Gap) -> str:
    """Return the list whose request was refused: that of the parents, if their permission was what was missing."""
    what, needed = gap.what.lower(), (gap.needs or "").lower().removesuffix("/read")
    return needed if needed and what.rpartition("/")[0] == needed else what


def _scope(text: str) -> str:
    return text.lower().rstrip("/")
