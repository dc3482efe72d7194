"""The HTTP side: takes requests off the wire, hurts those that a fault is for, and sends the answers."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from auditor.emulator.access_log import AccessLog
from auditor.emulator.azure_cloud import AzureCloud
from auditor.emulator.exchange import HttpRequest, HttpResponse, split_target
from auditor.emulator.faults import FaultRule, Faults

_FOREVER = 24 * 3600


class HttpServer:
    """The handler of every request."""

    def __init__(
        self, cloud: AzureCloud, origins: tuple[str, ...], faults: Faults, latency_ms: float, log: AccessLog | None
    ) -> None:
        self._cloud = cloud
        self._origins = {origin.removeprefix("https://"): origin for origin in origins}
        self._home = origins[0]
        self._faults = faults
        self._latency = latency_ms / 1000
        self._log = log

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """HttpResponse one request."""
        begun = time.perf_counter()
        fault = self._faults.next(request.method, request.raw_path) if self._faults.rules else None
        if self._latency or (fault is not None and fault.delay_ms):
            await asyncio.sleep(self._latency + (fault.delay_ms / 1000 if fault is not None else 0))
        answer = await self._answer(request, fault)
        if fault is not None and fault.hang:
            self._note(request, HttpResponse(0), begun)
            await asyncio.sleep(_FOREVER)
        if fault is not None:
            answer = fault.harmed(answer, request.raw_path)
            if fault.cut is not None and answer.body:
                sent = replace(answer, body=answer.body[: max(1, int(len(answer.body) * fault.cut))])
                self._note(request, sent, begun)
                return await _send_part(request, sent, len(answer.body))
        self._note(request, answer, begun)
        return _drop(request) if answer.dropped else _whole(answer)

    def _note(self, request: web.BaseRequest, answer: HttpResponse, begun: float) -> None:
        """Log a request with what is sent for it, before it is: whoever has an answer finds it in the log."""
        if self._log is not None:
            took = (time.perf_counter() - begun) * 1000
            self._log.write(request.method, request.raw_path, answer.status, len(answer.body), took)

    async def _answer(self, request: web.BaseRequest, fault: FaultRule | None) -> HttpResponse:
        if fault is not None and fault.replaces_answer(request.method):
            return HttpResponse()
        path, query = split_target(request.raw_path)
        body = await request.read() if request.method not in {"GET", "HEAD", "DELETE"} else b""
        origin = self._origins.get(request.headers.get("Host", ""), self._home)
        questions, fails = (fault.questions, fault.fails) if fault is not None else (None, False)
        call = HttpRequest(request.method, path, query, request.headers, origin, body, questions, fails)
        return self._cloud.answer(call, self._part)

    def _part(self, call: HttpRequest, answer: Callable[[HttpRequest], HttpResponse]) -> HttpResponse | None:
        """Faults strike the parts of a batch too, as far as a part can be hurt."""
        fault = self._faults.next(call.method, call.path) if self._faults.rules else None
        if fault is None or not (fault.wrong or fault.status is not None or fault.reset):
            return None
        return fault.harmed(answer(call) if fault.wrong else HttpResponse(), call.path)


def _whole(answer: HttpResponse) -> web.StreamResponse:
    headers = {**answer.headers, "Content-Type": answer.content_type} if answer.body else answer.headers
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def _drop(request: web.BaseRequest) -> web.StreamResponse:
    """Close the connection; what is returned then goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _send_part(request: web.BaseRequest, part: HttpResponse, promised: int) -> web.StreamResponse:
    """Promise so many bytes, send a part of them, close the connection."""
    response = web.StreamResponse(status=part.status, headers={**part.headers, "Content-Type": part.content_type})
    response.content_length = promised
    await response.prepare(request)
    await response.write(part.body)
    if request.transport is not None:
        request.transport.close()
    response.force_close()
    return response
