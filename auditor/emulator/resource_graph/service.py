"""The endpoint of Azure Resource Graph: checks a request, and answers its query page by page."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from functools import partial
from itertools import chain
from typing import Any

import msgspec

from auditor.emulator.arm import errors as arm_errors
from auditor.emulator.arm.catalogue import BY_TYPE, is_version, order
from auditor.emulator.arm.environment import ArmEnvironment
from auditor.emulator.arm.lag import NOTHING, up_to
from auditor.emulator.arm.target import parse_target
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_response
from auditor.emulator.refusals import refusal_of
from auditor.emulator.resource_graph.queries import RowSelection, understood
from auditor.emulator.resource_graph.tables import GraphTables, Row

PATH = "/providers/microsoft.resourcegraph/resources"
LARGEST = 16 * 1024 * 1024
"""Most bytes of an answer."""
MOST_ROWS = 1_000
"""Most rows of an answer, and the number where a request names none."""
_MOST_KEPT = 16
"""Most queries whose rows are kept."""
_FILTER_SINCE = "2021-06-01-preview"
_FILTERS = frozenset({"AtScopeAndBelow", "AtScopeAndAbove", "AtScopeAboveAndBelow", "AtScopeExact"})
_OPTIONS = frozenset({"$skiptoken", "$top", "resultformat", "authorizationscopefilter"})
_MEMBERS = frozenset({"subscriptions", "managementgroups", "query", "options"})
_FACTS = {
    "x-ms-tenant-subscription-limit-hit": "false",
}
_encode = msgspec.json.Encoder().encode


class ResourceGraphService:
    """The answers to queries of a signed-in caller."""

    def __init__(self, environment: ArmEnvironment, page_size: int | None) -> None:
        self._environment = environment
        self._tables = GraphTables(environment)
        self._page_size = page_size
        self._kept: dict[bytes, list[Row]] = {}

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return a page of the rows that the query selects; raises `Refusal`."""
        self._check_version(request)
        if request.method != "POST":
            raise arm_errors.no_such_method(request.method, request.path)
        asked = _lowered(request.json())
        if asked is None or not isinstance(asked.get("query"), str) or asked.keys() - _MEMBERS:
            raise _refuse("BadRequest", "InvalidRequest", "The request body is not a query with its options.")
        options = _lowered(asked.get("options") or {})
        if options is None or options.keys() - _OPTIONS:
            raise _refuse("BadRequest", "InvalidOptions", "The options of the query are not supported.")
        query = understood(asked["query"])
        if query is None:
            raise _refuse("BadRequest", "InvalidQuery", "Query is invalid. Please refer to the documentation.")
        places = self._places(asked)
        above = _above(options, request.query["api-version"])
        rows = self._selected(query, places, options, above=above)
        return self._page(rows, options, asked["query"], places)

    def _check_version(self, request: HttpRequest) -> None:
        version, kind = request.query.get("api-version", ""), BY_TYPE["microsoft.resourcegraph/resources"]
        target = parse_target(PATH)
        newest = self._environment.lag.newest(target) if target is not None else None
        if newest == NOTHING:
            raise arm_errors.invalid_type("Microsoft.ResourceGraph", "resources", version)
        kind = kind if newest is None else up_to(kind, newest)
        if not version:
            raise arm_errors.missing_api_version()
        if not is_version(version) or not kind.supports(version):
            raise arm_errors.unsupported_version(kind, version, in_group=False)

    def _places(self, asked: Mapping[str, Any]) -> list[str]:
        """Return the ids (GUIDs) of the subscriptions that are asked; those that may not be seen are left out."""
        named, groups = asked.get("subscriptions"), asked.get("managementgroups")
        if named and groups:
            raise _refuse("BadRequest", "InvalidScope", "Name subscriptions or management groups, not both.")
        if not _is_texts(named) or not _is_texts(groups):
            raise _refuse("BadRequest", "InvalidScope", "The scope of the query is not a list of names.")
        if groups:
            wanted = [one for group in groups for one in self._tables.below(group.lower())]
        else:
            wanted = [one.lower() for one in named or self._environment.subscription_ids]
        self._check_gaps(wanted)
        seen = [one for one in dict.fromkeys(wanted) if self._tables.knows(one)]
        if not seen:
            message = "There must be at least one subscription that is eligible to contain resources."
            raise _refuse("BadRequest", "NoValidSubscriptionsInQueryRequest", message)
        return seen

    def _check_gaps(self, wanted: list[str]) -> None:
        """Raise the refusal of a snapshot in which Resource Graph was refused for any of the subscriptions."""
        for place in ("", *(f"/subscriptions/{one}" for one in wanted)):
            gap = self._environment.refusals.at("microsoft.resourcegraph/resources", place)
            if gap is not None:
                raise Refusal(refusal_of(gap))

    def _selected(
        self, query: RowSelection, places: list[str], options: Mapping[str, Any], *, above: bool
    ) -> list[Row]:
        """Return the rows in the order of their ids; they are kept for the further pages of the same query."""
        key = _encode([query.tables, sorted(query.groups), sorted(query.principals), places, above])
        if key not in self._kept or "$skiptoken" not in options:
            found = partial(self._tables.rows, subscriptions=places, above=above, principals=query.principals)
            every = chain.from_iterable(map(found, query.tables))
            if len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = sorted(filter(query.selects, every), key=lambda row: str(row["id"]).lower())
        return self._kept[key]

    def _page(self, rows: list[Row], options: Mapping[str, Any], query: str, places: list[str]) -> HttpResponse:
        sign = zlib.crc32(_encode([query, places]))
        start, size = _offset(options.get("$skiptoken"), sign), _size(options.get("$top"), self._page_size)
        shown = rows[start : start + size]
        more = start + size < len(rows)
        page: dict[str, object] = {"totalRecords": len(rows), "count": len(shown), "data": shown, "facets": []}
        page["resultTruncated"] = "true" if more else "false"
        if more:
            page["$skipToken"] = base64.b64encode(f"{sign}:{start + size}".encode()).decode()
        answer = json_response(page, headers=_FACTS)
        if len(answer.body) > LARGEST:
            message = f"Response payload size is {len(answer.body)}, and has exceeded the limit of {LARGEST}."
            raise _refuse("BadRequest", "ResponsePayloadTooLarge", message)
        return answer


def _refuse(code: str, detail: str, message: str) -> Refusal:
    """Return a 400 in the form of Resource Graph, which gives the reason in `details`."""
    words = "Please provide below info when asking for support: timestamp = 2026-11-23T10:00:00Z, correlationId = 0."
    error = {"code": code, "message": words, "details": [{"code": detail, "message": message}]}
    return Refusal(json_response({"error": error}, 400, _FACTS))


def _above(options: Mapping[str, Any], version: str) -> bool:
    wanted = options.get("authorizationscopefilter")
    if wanted is None:
        return False
    if wanted not in _FILTERS or order(version) < order(_FILTER_SINCE):
        raise _refuse("BadRequest", "InvalidOptions", f"The authorizationScopeFilter '{wanted}' is not supported.")
    return bool(wanted == "AtScopeAboveAndBelow")


def _size(top: object, most: int | None) -> int:
    if top is not None and not (isinstance(top, int) and 1 <= top <= MOST_ROWS):
        raise _refuse("BadRequest", "InvalidTop", f"The $top must be a number from 1 to {MOST_ROWS}.")
    return min(top if isinstance(top, int) else MOST_ROWS, most or MOST_ROWS)


def _offset(token: object, sign: int) -> int:
    if token is None:
        return 0
    try:
        made, _, number = base64.b64decode(str(token)).decode().partition(":")
        if made == str(sign):
            return int(number)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise _refuse("BadRequest", "InvalidSkipToken", "The skip token is not one that this query gave.")


def _is_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _lowered(value: object) -> Mapping[str, Any] | None:
    return {name.lower(): inner for name, inner in value.items()} if isinstance(value, dict) else None
