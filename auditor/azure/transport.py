"""The HTTP transport: a connection pool with trusted roots, proxies and bodies of bounded size."""

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

from auditor.azure.bounds import Bounds
from auditor.azure.errors import ReadFailed, Unreachable

_CONNECT_SECONDS = 15
_SILENCE_SECONDS = 60
_DNS_SECONDS = 300
# For token requests, which must not wait until a read ends.
_SPARE_CONNECTIONS = 8
# The first is OpenSSL's variable, the second the Azure CLI's.
_ROOTS_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@asynccontextmanager
async def open_transport(concurrency: int, tls: ssl.SSLContext, bounds: Bounds) -> "AsyncIterator[PooledTransport]":
    """Open a connection pool without cookies, redirects and `.netrc`, and with bodies within `bounds`."""
    connector = aiohttp.TCPConnector(limit=concurrency + _SPARE_CONNECTIONS, ssl=tls, ttl_dns_cache=_DNS_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector,
        auto_decompress=True,  # a damaged compressed body is then a fault that is retried, not a decoding surprise
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        response_class=_bounded(bounds),
    ) as session:
        # aiohttp would repeat a DELETE or PUT whose answer was lost, but only `Retries` may repeat requests. There is
        # no public option for this.
        session._retry_connection = False  # noqa: SLF001 - see above
        yield PooledTransport(session)


class PooledTransport(AioHttpTransport):  # type: ignore[misc]  # azure-core hands it out through `__getattr__`
    """azure-core's aiohttp transport over a shared session; the proxy of the environment is looked up once per host.

    aiohttp's own `trust_env` reads the environment and `.netrc` for every request, in a thread.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        super().__init__(
            session=session, session_owner=False, connection_timeout=_CONNECT_SECONDS, read_timeout=_SILENCE_SECONDS
        )
        self._proxy_of: dict[tuple[str, str], str | None] = {}

    async def send(self, request: Any, **config: Any) -> Any:
        """Send a request once and return the answer with its body read."""
        if config.get("proxy") is None and (proxy := self._proxy(request.url)):
            config["proxy"] = proxy
        return await super().send(request, **config)

    def _proxy(self, url: str) -> str | None:
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc)
        if key not in self._proxy_of:
            self._proxy_of[key] = proxy_for(parts.scheme, parts.hostname or "")
        return self._proxy_of[key]


def tls_context() -> ssl.SSLContext:
    """Return a client context that trusts the environment's bundle, otherwise the system's roots.

    Raises `Unreachable` where that bundle cannot be read.
    """
    roots = roots_file()
    try:
        if roots is None:
            return ssl.create_default_context()
        if roots.is_dir():
            return ssl.create_default_context(capath=str(roots))
        return ssl.create_default_context(cafile=str(roots))
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or str(error)
        raise Unreachable(
            "UnreadableRoots",
            f"the trusted certificates in `{roots}` cannot be read: {reason}",
            "",
            f"correct or unset {' and '.join(_ROOTS_VARIABLES)}",
        ) from error


def roots_file() -> Path | None:
    """Return the bundle of trusted roots that the environment names; None for the system's own."""
    for variable in _ROOTS_VARIABLES:
        if text := os.environ.get(variable):
            return Path(text)
    return None


def proxy_for(scheme: str, host: str) -> str | None:
    """Return the proxy that the environment or the system names for a host; None for this machine itself."""
    if _is_loopback(host) or proxy_bypass(host):
        return None
    return getproxies().get(scheme)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _bounded(bounds: Bounds) -> type[aiohttp.ClientResponse]:
    """Return a response class that limits decompressed bodies to `bounds`."""

    class BoundedResponse(aiohttp.ClientResponse):
        """A response whose read fails, without a retry, where its body exceeds the bounds."""

        async def read(self) -> bytes:
            """Return the whole body; raises `ReadFailed` with the code `AnswerTooLarge`."""
            if self._body is None:
                try:
                    self._body = await self._whole()
                except BaseException:
                    self.close()
                    raise
            return self._body

        async def _whole(self) -> bytes:
            body = bytearray()
            async for part in self.content.iter_any():
                body += part
                if len(body) > bounds.answer:
                    raise self._too_large(f"is larger than {bounds.answer // 1024 // 1024:,} MiB once decompressed")
            # Counted here, since the client libraries decode the body themselves.
            if sum(map(body.count, (b",", b"{", b"["))) > bounds.values:
                raise self._too_large(f"holds more than {bounds.values:,} values")
            return bytes(body)

        def _too_large(self, what: str) -> ReadFailed:
            return ReadFailed(self.status, "AnswerTooLarge", f"the answer {what}", str(self.url))

    return BoundedResponse
