"""A proxy on loopback that does as it is told, and the internet behind it: every name is one server of this machine."""

import asyncio
import base64
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class ScriptedProxy:
    """A proxy that connects every `CONNECT` to `port` of this machine.

    Attributes:
        port: where all names lead to.
        login: `name:password` that it asks for.
        status: what it answers instead of connecting.
        opens: the certificate with which it opens TLS, as a proxy does that looks into it.
        asked: the hosts, with their ports, that it was asked for, and the name that came with each.
    """

    port: int
    login: str = ""
    status: int = 0
    opens: ssl.SSLContext | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        target = head[0].split(" ")[1]
        headers = dict(line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:] for line in head[1:] if ": " in line)
        given = base64.b64decode(headers.get("proxy-authorization", "").removeprefix("Basic ")).decode()
        self.asked.append((target, given))
        if self.login and given != self.login:
            writer.write(b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="Contoso"\r\n')
            writer.write(b"Content-Length: 0\r\n\r\n")
            return
        if self.status:
            writer.write(f"HTTP/1.1 {self.status} Scripted\r\nContent-Length: 0\r\n\r\n".encode())
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        if self.opens is not None:
            await writer.start_tls(self.opens)
        answers, there = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await asyncio.gather(_copy(reader, there), _copy(answers, writer))
        finally:
            there.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


@contextmanager
def running_proxy(proxy: ScriptedProxy) -> Iterator[ScriptedProxy]:
    """Run a proxy in another thread; its `url` is set."""
    started = threading.Event()
    stops: list[Callable[[], object]] = []

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
        proxy.url = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        started.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    started.wait()
    try:
        yield proxy
    finally:
        stops[0]()
        thread.join()
