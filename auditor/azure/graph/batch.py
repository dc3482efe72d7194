"""Graph's `$batch`: up to twenty reads in one request, each with its own status."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from auditor.azure.errors import ReadFailed
from auditor.azure.failures import error_in
from auditor.azure.graph.requests import GraphRead
from auditor.azure.paging import Body, PageTrail, holds_error, looks_like_page
from auditor.azure.retry import RETRIED_STATUSES, retry_after
from auditor.azure.wire import Wire, object_of

BATCH_SIZE = 20
_TOO_MANY = 429


async def read_batch(wire: Wire, root: str, reads: Sequence[GraphRead]) -> list[Body | ReadFailed]:
    """Return the answers to at most twenty reads, in order, each a body or a failure.

    Throttled reads and those with a server error are sent again together, after the longest of their `Retry-After`.
    """
    answers: dict[int, Body | ReadFailed] = {}
    waiting = list(range(len(reads)))
    clock = asyncio.get_running_loop()
    started = clock.time()
    failures = 0
    while waiting:
        failures += 1
        items = await _post(wire, root, {index: reads[index] for index in waiting})
        answers.update({index: await _answer(wire, reads[index], item) for index, item in items.items()})
        for index in waiting:
            _note_refusal(wire, reads[index], items[index])
        again = [index for index in waiting if _status(items[index]) in RETRIED_STATUSES]
        asked = max((wait for index in again if (wait := _retry_after(items[index])) is not None), default=None)
        pause = wire.retry.wait(failures, asked, clock.time() - started)
        if not again or pause is None:
            break
        await wire.retry.sleep(pause)
        waiting = again
    return [answers[index] for index in range(len(reads))]


async def _post(wire: Wire, root: str, reads: Mapping[int, GraphRead]) -> dict[int, Any]:
    """Return the items of one `$batch` answer by position.

    A failure of the whole batch fails each item, with status 0: a 404 of the batch does not mean that the object of a
    read does not exist.
    """
    url = f"{root}/$batch"
    requests = [
        {"id": str(index), "method": "GET", "url": _relative(read.url, root)}
        | ({"headers": dict(read.headers)} if read.headers else {})
        for index, read in reads.items()
    ]
    try:
        responses = object_of(await wire.read(url, method="POST", body={"requests": requests}), url).get("responses")
    except ReadFailed as failure:
        came = f"{failure.status} {failure.code}" if failure.status else failure.code
        message = f"the batch that asked for it was answered with {came}: {failure.message}"
        return dict.fromkeys(reads, ReadFailed(0, failure.code, message, url))
    items = [item for item in responses if isinstance(item, dict)] if isinstance(responses, list) else []
    by_id: dict[str, list[Any]] = {}
    for item in items:
        by_id.setdefault(str(item.get("id")), []).append(item)
    missing = ReadFailed(0, "NoBatchAnswer", "the `$batch` answer does not hold this item exactly once", url)
    return {index: found[0] if len(found := by_id.get(str(index), [])) == 1 else missing for index in reads}


async def _answer(wire: Wire, read: GraphRead, item: Any) -> Body | ReadFailed:
    if isinstance(item, ReadFailed):
        return item
    from auditor.azure.failures import unexpected_shape, unexpected_status

    status, body = _status(item), item.get("body")
    if 200 < status < 300:
        return unexpected_status(status, read.url)
    if status != 200:
        reason = error_in(status, body)
        documented = reason.documented and isinstance(body, dict) and list(body) == ["error"]
        return ReadFailed(status, reason.code, reason.message, read.url, documented=documented)
    try:
        if holds_error(item) or len({name.lower() for name in item}) < len(item):
            raise unexpected_shape("the item of the batch holds an error, or a part twice", read.url)
        return await _whole(wire, read, object_of(body, read.url))
    except ReadFailed as failure:
        return failure


async def _whole(wire: Wire, read: GraphRead, body: Body) -> Body:
    """Return the body with the items of all pages in its `value`."""
    if looks_like_page(body):
        from auditor.azure.failures import unexpected_shape

        raise unexpected_shape("the answer is neither an object nor a list with a `value`", read.url)
    if "value" not in body:
        return body
    trail = PageTrail(read.url)
    items = trail.items(body)
    page: object = body
    while further := trail.after(page):
        page = await wire.read(further, headers=read.headers)
        items = [*items, *trail.items(page)]
    return {name: value for name, value in body.items() if name != "@odata.nextLink"} | {"value": items}


def _relative(url: str, root: str) -> str:
    if url.startswith(f"{root}/"):
        return url[len(root) :]
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _status(item: Any) -> int:
    status = item.status if isinstance(item, ReadFailed) else item.get("status")
    return status if isinstance(status, int) and not isinstance(status, bool) else 0


def _note_refusal(wire: Wire, read: GraphRead, item: Any) -> None:
    """Tell the throttle of a read that was refused within a batch: the others draw on the same budget."""
    if (status := _status(item)) == _TOO_MANY:
        wire.throttle.heard("GET", read.url, status, _headers(item))


def _retry_after(item: Any) -> float | None:
    return retry_after(_headers(item))


def _headers(item: Any) -> Mapping[str, str]:
    headers = item.get("headers") if isinstance(item, dict) else None
    if not isinstance(headers, dict):
        return {}
    canonical = {"retry-after": "Retry-After"}
    return {canonical.get(str(name).lower(), str(name).lower()): str(text) for name, text in headers.items()}
