"""The units that a request to Microsoft Graph costs of the budget for identity and access.

Source: Microsoft's page *Microsoft Graph service-specific throttling limits*; a request that it does not list counts
as one unit.
"""

import re
from urllib.parse import parse_qsl

import msgspec

_COSTS = (
    (re.compile(r"/.+/transitivemembers"), 5),
    (re.compile(r"/.+/(?:check\w+)"), 4),
    (re.compile(r"/.+/members"), 3),
    (re.compile(r"/directoryobjects/(?:microsoft\.graph\.)?getbyids"), 3),
    (re.compile(r"/.+/(?:transitivememberof|getmember\w+)"), 2),
    (re.compile(r"/(?:applications|users|groups|serviceprincipals)"), 2),
)
_FEW = 20


def units(method: str, path: str, query: str = "") -> float:
    """Return the units of one request; `path` (lower case) begins behind the version."""
    path = path.rstrip("/")
    cost = next((cost for pattern, cost in _COSTS if pattern.fullmatch(path)), 1)
    if method.upper() == "GET" and query:
        named = {name.lower(): value for name, value in parse_qsl(query)}
        top = named.get("$top", "")
        cost -= "$select" in named
        cost += "$expand" in named
        cost -= top.isdecimal() and int(top) < _FEW
    return float(max(cost, 1))


class _Item(msgspec.Struct):
    url: str = ""
    method: str = "GET"


class _Batch(msgspec.Struct):
    requests: list[_Item] = []


def batch_units(body: bytes) -> float:
    """Return the units of all requests in the body of a `$batch`; each counts as if it came alone."""
    try:
        batch = msgspec.json.decode(body, type=_Batch)
    except msgspec.DecodeError:
        return 1.0
    targets = ((item.method, *item.url.partition("?")) for item in batch.requests)
    return max(1.0, sum(units(method, path.lower(), query) for method, path, _, query in targets))
