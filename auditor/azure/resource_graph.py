"""The client of Azure Resource Graph: a query over many subscriptions, page by page, with every page checked.

Resource Graph leaves out, without an error, what the caller may not read. Its rows show what exists; that something is
missing from them proves nothing.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from auditor.azure.errors import ReadFailed
from auditor.azure.paging import MOST_PAGES, Body, holds_error
from auditor.azure.wire import Wire

VERSIONS = ("2022-10-01", "2021-06-01-preview")
"""The api-versions to ask for, newest first; older ones do not know `authorizationScopeFilter`."""
MOST_SUBSCRIPTIONS = 250
"""Subscriptions of one query: Microsoft advises fewer than 300.

Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
"""
MOST_ROWS = 1_000
"""Rows of one answer, the most that Azure gives."""
TOO_LARGE = "ResponsePayloadTooLarge"
"""The code, in the details of an error, of an answer that would be larger than 16 MB."""

_LIMIT_HIT = "x-ms-tenant-subscription-limit-hit"
_IN_SUBSCRIPTION = "/subscriptions/"


@dataclass(frozen=True, slots=True)
class RowShape:
    """The shape of the rows of one query.

    Attributes:
        types: the types (lower case) that a row may have.
        subscriptions: the ids (GUIDs in lower case) of the subscriptions that are asked.
        above: whether rows are asked for that stand above them, at a management group or the root.
        shared: types (lower case) whose rows may be written with the id of any subscription.
    """

    types: frozenset[str]
    subscriptions: frozenset[str]
    above: bool = False
    shared: frozenset[str] = frozenset()

    def why_not(self, row: object) -> str:
        """Return why something is no row of the query; empty for one that is."""
        if not isinstance(row, dict):
            return "a row is not an object"
        identity, kind = row.get("id"), row.get("type")
        if not isinstance(identity, str) or not identity.startswith("/") or not isinstance(kind, str):
            return "a row has no `id` or no `type`"
        if kind.lower() not in self.types:
            return f"a row is of the type `{kind}`, which was not asked for"
        if not isinstance(row.get("properties"), dict | None):
            return f"the `properties` of `{identity}` are no object"
        return "" if self._is_inside(identity, kind) else f"a row is of none of the subscriptions: `{identity}`"

    def _is_inside(self, identity: str, kind: str) -> bool:
        if kind.lower() in self.shared:
            return True
        if not identity.lower().startswith(_IN_SUBSCRIPTION):
            return self.above
        return identity.split("/", 3)[2].lower() in self.subscriptions


class ResourceGraphClient:
    """The client of Azure Resource Graph on a connection to Azure Resource Manager."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def pages(
        self, query: str, subscriptions: Sequence[str], version: str, shape: RowShape
    ) -> AsyncIterator[list[Body]]:
        """Yield the rows of a query over `subscriptions` (GUIDs) page by page; the query must sort them by id.

        Raises `ReadFailed`, also after some pages: whatever is odd about an answer makes the whole query unread.
        """
        url = f"{self._wire.base_url}/providers/Microsoft.ResourceGraph/resources?{urlencode({'api-version': version})}"
        trail = _RowTrail(url, shape)
        options: dict[str, object] = {"$top": MOST_ROWS, "resultFormat": "objectArray"}
        if shape.above:
            options["authorizationScopeFilter"] = "AtScopeAboveAndBelow"
        asked = {"subscriptions": list(subscriptions), "query": query, "options": options}
        remembered = self._wire.remembered(url, "POST", body=asked)
        while True:
            read = partial(self._wire.read, url, method="POST", body=asked, heard=trail.heard)
            answer = await remembered.next(read)
            yield trail.rows(answer)
            token = trail.after(answer)
            if token is None:
                remembered.end()
                return
            options["$skipToken"] = token


class _RowTrail:
    """The pages of one query in order, each checked together with its skip token."""

    def __init__(self, url: str, shape: RowShape) -> None:
        self._url = url
        self._shape = shape
        self._ids: set[int] = set()  # hashes, as there can be a million rows
        self._tokens: set[str] = set()
        self._total: int | None = None
        self._count = 0

    def heard(self, headers: Mapping[str, str]) -> None:
        """Raise `ReadFailed` where the headers of an answer say that not all subscriptions were asked."""
        if headers.get(_LIMIT_HIT, "").strip().lower() == "true":
            raise self._failed(
                "SubscriptionLimit", "the query reached more subscriptions than Resource Graph looks into"
            )

    def rows(self, answer: Any) -> list[Body]:
        """Return the rows of the next page; raises `ReadFailed` where anything about it is odd."""
        if not isinstance(answer, dict) or holds_error(answer):
            raise self._odd("the answer is not an object, or holds an error")
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise self._odd("the answer has no list of rows")
        for row in rows:
            if reason := self._shape.why_not(row):
                raise self._odd(reason)
        for reason in self._contradictions(answer, rows):
            raise self._odd(reason)
        before = len(self._ids)
        self._ids.update(hash(str(row["id"]).lower()) for row in rows)
        if len(self._ids) - before != len(rows):
            raise self._failed("RepeatedPage", "a row came twice: what belongs in its place is missing")
        self._count += len(rows)
        return rows

    def _contradictions(self, answer: Mapping[str, Any], rows: list[Body]) -> Iterator[str]:
        total = answer.get("totalRecords")
        if answer.get("count") != len(rows):
            yield f"the answer counts {answer.get('count')} rows and holds {len(rows):,}"
        if type(total) is not int or self._total not in {None, total}:
            yield f"the answer counts {total} rows in all, an earlier one {self._total}"
        if answer.get("resultTruncated") not in {"true", "false"}:
            yield "the answer does not say whether it is truncated"
        self._total = total

    def after(self, answer: Mapping[str, Any]) -> str | None:
        """Return the skip token of the next page; None at the end of the rows."""
        token = answer.get("$skipToken")
        if token is None or token == "":
            if answer.get("resultTruncated") == "true":
                raise self._failed("Truncated", "the rows are truncated, and there is no token for the others")
            if self._count != self._total:
                raise self._failed("CountsDiffer", f"{self._total} rows were announced, and {self._count:,} came")
            return None
        if not isinstance(token, str) or not answer["data"]:
            raise self._odd("the skip token is not a text, or stands behind a page without rows")
        if token in self._tokens or len(self._tokens) >= MOST_PAGES:
            raise self._failed("EndlessPages", "the skip token leads back to a page already read")
        self._tokens.add(token)
        return token

    def _odd(self, reason: str) -> ReadFailed:
        return self._failed("UnexpectedShape", reason)

    def _failed(self, code: str, reason: str) -> ReadFailed:
        return ReadFailed(200, code, reason, self._url)
