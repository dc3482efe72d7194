"""The HTTP server: receives requests, applies faults, and sends the answers."""

import time
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from auditor.emulator.access_log import AccessLog
from auditor.emulator.azure_cloud import AzureCloud
from auditor.emulator.exchange import HttpRequest, HttpResponse, split_target
from auditor.emulator.faults import FaultRule
from auditor.emulator.options import Options

_FOREVER = 24 * 3600


class HttpServer:
    """The handler of every request; it waits with `options.sleep`."""

    def __init__(self, cloud: AzureCloud, origins: tuple[str, ...], options: Options, log: AccessLog | None) -> None:
        self._cloud = cloud
        self._origins = {origin.removeprefix("https://"): origin for origin in origins}
        self._home = origins[0]
        self._faults = options.faults
        self._latency = options.latency_ms / 1000
        self._sleep = options.sleep
        self._log = log

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the answer to one request, after the latency and with the fault that applies to it."""
        begun = time.perf_counter()
        fault = self._faults.next(request.method, request.raw_path) if self._faults.rules else None
        if self._latency or (fault is not None and fault.delay_ms):
            await self._sleep(self._latency + (fault.delay_ms / 1000 if fault is not None else 0))
        response = await self._response(request, fault)
        if fault is not None and fault.hang:
            self._note(request, HttpResponse(0), begun)
            await self._sleep(_FOREVER)
        if fault is not None:
            response = fault.altered(response, request.raw_path)
            if fault.cut is not None and response.body:
                sent = replace(response, body=response.body[: max(1, int(len(response.body) * fault.cut))])
                self._note(request, sent, begun)
                return await _send_part(request, sent, len(response.body))
        self._note(request, response, begun)
        return _drop(request) if response.dropped else _whole(response)

    def _note(self, request: web.BaseRequest, response: HttpResponse, begun: float) -> None:
        """Log a request before its response is sent, so that a client with a response finds it in the log."""
        if self._log is not None:
            took = (time.perf_counter() - begun) * 1000
            self._log.write(request.method, request.raw_path, response.status, len(response.body), took)

    async def _response(self, request: web.BaseRequest, fault: FaultRule | None) -> HttpResponse:
        """Return the true response, or an empty one if the fault makes it unnecessary."""
        if fault is not None and fault.replaces_answer(request.method):
            return HttpResponse()
        path, query = split_target(request.raw_path)
        body = await request.read() if request.method not in {"GET", "HEAD", "DELETE"} else b""
        origin = self._origins.get(request.headers.get("Host", ""), self._home)
        questions, fails = (fault.questions, fault.fails) if fault is not None else (None, False)
        received = HttpRequest(request.method, path, query, request.headers, origin, body, questions, fails)
        return self._cloud.answer(received, self._part)

    def _part(self, request: HttpRequest, answer: Callable[[HttpRequest], HttpResponse]) -> HttpResponse | None:
        """Return the faulty answer to one request of a batch, or None without a fault that can apply to it."""
        fault = self._faults.next(request.method, request.path) if self._faults.rules else None
        if fault is None or not (fault.wrong or fault.status is not None or fault.reset):
            return None
        return fault.altered(answer(request) if fault.wrong else HttpResponse(), request.path)


def _whole(response: HttpResponse) -> web.StreamResponse:
    headers = {**response.headers, "Content-Type": response.content_type} if response.body else response.headers
    return web.Response(status=response.status, body=response.body, headers=headers)


def _drop(request: web.BaseRequest) -> web.StreamResponse:
    """Close the connection and return a response that is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _send_part(request: web.BaseRequest, part: HttpResponse, promised: int) -> web.StreamResponse:
    """Announce a body of `promised` bytes, send only `part`, and close the connection."""
    stream = web.StreamResponse(status=part.status, headers={**part.headers, "Content-Type": part.content_type})
    stream.content_length = promised
    await stream.prepare(request)
    await stream.write(part.body)
    if request.transport is not None:
        request.transport.close()
    stream.force_close()
    return stream
