"""Undocumented answers of Azure Resource Graph, put in place of the true one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from auditor.emulator.exchange import HttpResponse

_ELSEWHERE = "00000000-0000-4000-8000-000000000000"
Answer = dict[str, Any]


def _changed(change: Callable[[Answer], Answer]) -> Callable[[HttpResponse, str], HttpResponse]:
    """Return a wrong answer made from the true one; what is no page of rows stays as it is."""

    def wrong(true: HttpResponse, _target: str) -> HttpResponse:
        answer = msgspec.json.decode(true.body) if true.status == 200 and true.body.startswith(b"{") else {}
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            return true
        return replace(true, body=msgspec.json.encode(change(answer)))

    return wrong


def _with_rows(answer: Answer, rows: list[Any]) -> Answer:
    """Return an answer with other rows, which agrees with itself."""
    return {**answer, "data": rows, "count": len(rows), "totalRecords": len(rows)}


def _first(change: Callable[[Answer], Answer]) -> Callable[[HttpResponse, str], HttpResponse]:
    return _changed(lambda answer: {**answer, "data": [*map(change, answer["data"][:1]), *answer["data"][1:]]})


def _without_token(answer: Answer) -> Answer:
    kept = {name: value for name, value in answer.items() if name != "$skipToken"}
    half = answer["data"][: len(answer["data"]) // 2]
    return {**kept, "data": half, "count": len(half), "resultTruncated": "true"}


def _elsewhere(row: Answer) -> Answer:
    parts = row["id"].split("/")
    return {**row, "id": "/".join([*parts[:2], _ELSEWHERE, *parts[3:]])}


def _without_subscription(answer: Answer) -> Answer:
    """Return an answer without the row of the first subscription in it, which agrees with itself."""
    gone = next((row for row in answer["data"] if row["type"] == "microsoft.resources/subscriptions"), None)
    return _with_rows(answer, [row for row in answer["data"] if row is not gone])


def _lagging(answer: Answer) -> Answer:
    """Return an answer from before anything of Azure Migrate was made, which agrees with itself."""
    kinds = ("microsoft.migrate/", "microsoft.offazure/")
    return _with_rows(answer, [row for row in answer["data"] if not row["type"].startswith(kinds)])


def _moved(row: Answer) -> Answer:
    """Return the row of a subscription as if it were below another management group."""
    if row["type"] != "microsoft.resources/subscriptions":
        return row
    chain = [{"name": "elsewhere", "displayName": "Elsewhere"}]
    return {**row, "properties": {**row["properties"], "managementGroupAncestorsChain": chain}}


def _over_the_limit(true: HttpResponse, _target: str) -> HttpResponse:
    return replace(true, headers={**true.headers, "x-ms-tenant-subscription-limit-hit": "true"})


WRONG_ROWS: Mapping[str, Callable[[HttpResponse, str], HttpResponse]] = {
    "rows truncated without a token": _changed(_without_token),
    "rows with a token that leads back": _changed(lambda answer: {**answer, "$skipToken": "again"}),
    "rows with a token that is no text": _changed(lambda answer: {**answer, "$skipToken": {}}),
    "rows twice": _changed(lambda answer: _with_rows(answer, answer["data"] * 2)),
    "rows of another subscription": _first(_elsewhere),
    "rows of another type": _first(lambda row: {**row, "type": "microsoft.other/things"}),
    "rows without ids": _first(lambda row: {**row, "id": None}),
    "rows with a text for properties": _first(lambda row: {**row, "properties": "none"}),
    "rows that are texts": _changed(lambda answer: {**answer, "data": ["row"] * len(answer["data"])}),
    "rows in a table": _changed(lambda answer: {**answer, "data": {"columns": [], "rows": []}}),
    "fewer rows than counted": _changed(lambda answer: {**answer, "data": answer["data"][1:]}),
    "fewer rows than in all": _changed(lambda answer: {**answer, "totalRecords": answer["totalRecords"] + 1}),
    "rows with an error": _changed(lambda answer: {**answer, "error": {"code": "PartialFailure", "message": "no"}}),
    "rows that do not say whether they are all": _changed(lambda answer: {**answer, "resultTruncated": None}),
    "rows of subscriptions below another group": _changed(
        lambda answer: {**answer, "data": [_moved(row) for row in answer["data"]]}
    ),
    "rows without one of the subscriptions": _changed(_without_subscription),
    "rows from before anything was made": _changed(_lagging),
    "no rows": _changed(lambda answer: _with_rows(answer, [])),
    "rows of the first subscriptions only": _over_the_limit,
}
"""Every wrong answer by its name."""
