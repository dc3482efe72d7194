"""Start and stop of an emulator: in the running event loop, or in a separate thread for blocking clients."""

import asyncio
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

from aiohttp import web

from auditor.emulator.access_log import AccessLog
from auditor.emulator.azure_cloud import AzureCloud
from auditor.emulator.certificates import make_certificates
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.server import HttpServer
from auditor.inventory.snapshot.snapshot import Snapshot

_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_HTTPS = 443
_GRACE = 0.5
_DEFAULT = Options()
if sys.platform == "win32":  # where SO_REUSEADDR would let any other program take a port that is in use
    _SOLE_OWNER = socket.SO_EXCLUSIVEADDRUSE
else:  # where it only lets a port be used again right after its last server ended
    _SOLE_OWNER = socket.SO_REUSEADDR


@asynccontextmanager
async def running(snapshot: Snapshot, options: Options = _DEFAULT) -> AsyncIterator[Endpoints]:
    """Serve `snapshot` on loopback while the block runs; yields the endpoints and credentials.

    Raises `OSError` if the port is taken or the access log cannot be written, also while the block runs.
    """
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(_private_directory())
        log = await stack.enter_async_context(AccessLog(options.access_log) if options.access_log else nullcontext())
        listening = stack.enter_context(_listening_socket(options.port))
        port = listening.getsockname()[1]
        shown = "" if port == _HTTPS else f":{port}"
        origins = tuple(f"https://{host}{shown}" for host in (*_HOSTS, *options.hosts))
        certificates = make_certificates(directory, options.hosts)
        cloud = AzureCloud(
            snapshot,
            origins,
            options.page_size,
            options.token_lifetime,
            options.lag,
            accept_cures=options.accept_cures,
            quotas=options.quotas,
        )
        handler = HttpServer(cloud, origins, options, log)
        server = web.Server(handler.handle, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=_GRACE)
        await runner.setup()
        try:
            await web.SockSite(runner, listening, ssl_context=certificates.server_context(), backlog=1024).start()
            yield Endpoints(
                arm=origins[0],
                login=origins[0],
                graph=origins[0],
                ca_file=str(certificates.bundle),
                tenant_id=cloud.identities.tenant_id,
                client_id=cloud.identities.service.app_id,
                client_secret=cloud.identities.client_secret,
                subscription_ids=cloud.subscription_ids,
            )
        finally:
            transports = [connection.transport for connection in server.connections]
            await runner.cleanup()
            await _abort(transports)


async def _abort(transports: list[asyncio.Transport | None]) -> None:
    """Close connections without waiting for the end of TLS, since the event loop may stop right afterwards."""
    for transport in transports:
        if transport is not None:
            transport.abort()
    # Let a client in the same loop notice and close its side too.
    for _ in range(5):
        await asyncio.sleep(0)


@contextmanager
def running_in_thread(snapshot: Snapshot, options: Options = _DEFAULT) -> Iterator[Endpoints]:
    """Serve `snapshot` from another thread while the block runs; raises `OSError` as `running` does on start."""
    started = threading.Event()
    outcome: list[Endpoints | BaseException] = []
    stops: list[Callable[[], object]] = []

    async def serve() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        async with running(snapshot, options) as endpoints:
            stops.append(lambda: loop.call_soon_threadsafe(stop.set))
            outcome.append(endpoints)
            started.set()
            await stop.wait()

    def work() -> None:
        try:
            asyncio.run(serve())
        except OSError as failed:
            outcome.append(failed)
        finally:
            started.set()

    thread = threading.Thread(target=work, name="emulator", daemon=True)
    thread.start()
    started.wait()
    try:
        if isinstance(outcome[0], Endpoints):
            yield outcome[0]
        else:
            raise outcome[0]
    finally:
        for stop in stops:
            stop()
        thread.join()


@contextmanager
def _private_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="migaudit-emulator-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


@contextmanager
def _listening_socket(port: int) -> Iterator[socket.socket]:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, _SOLE_OWNER, 1)
        listening.bind(("127.0.0.1", port))
        yield listening
    finally:
        listening.close()
