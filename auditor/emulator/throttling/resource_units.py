"""The resource units that a request to Microsoft Graph costs, as its page on throttling lists them.

This table is not that of the client on purpose: each is tested by the other.
"""

from auditor.emulator.exchange import HttpRequest

_BY_LAST = {
    "transitivemembers": 5,
    "members": 3,
    "getbyids": 3,
    "checkmembergroups": 4,
    "checkmemberobjects": 4,
    "getmembergroups": 2,
    "getmemberobjects": 2,
    "transitivememberof": 2,
}
_COLLECTIONS = {"applications": 2, "users": 2, "groups": 2, "serviceprincipals": 2}
_SMALL_PAGE = 20


def resource_units(request: HttpRequest) -> int:
    """Return the units of a request other than a batch."""
    segments = [segment.removeprefix("microsoft.graph.") for segment in request.key.split("/")[2:]]
    last = segments[-1] if segments else ""
    cost = _COLLECTIONS.get(last, 1) if len(segments) == 1 else _BY_LAST.get(last, 1)
    if request.method == "GET":
        top = request.query.get("$top", "")
        cost += ("$expand" in request.query) - ("$select" in request.query)
        cost -= top.isdecimal() and int(top) < _SMALL_PAGE
    return max(1, cost)
