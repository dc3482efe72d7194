"""The HTTP transport: a connection pool with trusted roots, proxies and bodies of bounded size."""

import asyncio
import os
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

from auditor.azure.bounds import Bounds
from auditor.azure.errors import ReadFailed, Unreachable

_CONNECT_SECONDS = 15
_SILENCE_SECONDS = 60
_DNS_SECONDS = 300
_CLOSING_SECONDS = 0.1
# For token requests, which must not wait until a read ends.
_SPARE_CONNECTIONS = 8
# The first is OpenSSL's variable, the second the Azure CLI's.
_ROOTS_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@asynccontextmanager
async def open_transport(concurrency: int, tls: ssl.SSLContext, bounds: Bounds) -> "AsyncIterator[PooledTransport]":
    """Open a connection pool without cookies, redirects and `.netrc`, and with bodies within `bounds`."""
    connector = aiohttp.TCPConnector(limit=concurrency + _SPARE_CONNECTIONS, ssl=tls, ttl_dns_cache=_DNS_SECONDS)
    try:
        async with aiohttp.ClientSession(
            connector=connector,
            auto_decompress=True,  # a damaged compressed body is then a fault that is retried, not a decoding surprise
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            response_class=_bounded(bounds),
        ) as session:
            # aiohttp would repeat a DELETE or PUT whose answer was lost, but only `Retries` may repeat requests. There
            # is no public option for this.
            session._retry_connection = False  # noqa: SLF001 - see above
            yield PooledTransport(session)
    except BaseException:
        # A connection that was being opened closes a moment later, untold, and only while the loop runs.
        await asyncio.sleep(_CLOSING_SECONDS)
        raise


class PooledTransport(AioHttpTransport):  # type: ignore[misc]  # azure-core hands it out through `__getattr__`
    """azure-core's aiohttp transport over a shared session; the proxy of the environment is looked up once per host.

    aiohttp's own `trust_env` reads the environment and `.netrc` for every request, in a thread.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        super().__init__(
            session=session, session_owner=False, connection_timeout=_CONNECT_SECONDS, read_timeout=_SILENCE_SECONDS
        )
        self._proxy_of: dict[str, Proxy | None] = {}

    async def send(self, request: Any, **config: Any) -> Any:
        """Send a request once and return the answer with its body read."""
        if config.get("proxy") is None and (proxy := self._proxy(request.url)):
            config |= {"proxy": proxy.url, "proxy_headers": proxy.headers}
        return await super().send(request, **config)

    def _proxy(self, url: str) -> "Proxy | None":
        origin = "/".join(url.split("/", 3)[:3])
        if origin not in self._proxy_of:
            self._proxy_of[origin] = proxy_of(url)
        return self._proxy_of[origin]


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy: its URL without credentials, and the name and password it asks for; as text, its host and port."""

    url: str
    login: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def headers(self) -> Mapping[str, str] | None:
        """The headers with which a connection is asked for."""
        if self.login is None:
            return None
        return {"Proxy-Authorization": f"Basic {b64encode(':'.join(self.login).encode()).decode()}"}

    def __str__(self) -> str:
        return urlsplit(self.url).netloc


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


def proxy_of(url: str) -> Proxy | None:
    """Return the proxy that the environment or the system names for a URL; None where it is asked for directly.

    This machine itself and link-local addresses, where the service for managed identities is, are never asked for
    through a proxy. Raises `Unreachable` for a proxy that is malformed or of another kind than HTTP.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_near(host) or proxy_bypass(host) or (parts.port and proxy_bypass(f"{host}:{parts.port}")):
        return None
    named = getproxies()
    text = named.get(parts.scheme) or named.get("all")
    return None if not text else _proxy(text, url)


def _proxy(text: str, url: str) -> Proxy:
    """Return the proxy of a text such as `http://name:password@proxy.contoso.com:8080`, also without its scheme."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if not host:
        raise Unreachable("UnsupportedProxy", "HTTPS_PROXY is not the address of a proxy", url, _PROXY_ADVICE)
    if parts.scheme.lower() not in {"http", "https"}:
        kind = f"HTTPS_PROXY names a proxy for `{parts.scheme}`, which is not supported"
        raise Unreachable("UnsupportedProxy", kind, url, _PROXY_ADVICE)
    shown = f"[{host}]" if ":" in host else host
    address = f"{parts.scheme.lower()}://{shown}:{port or (443 if parts.scheme.lower() == 'https' else 80)}"
    if parts.username is None:
        return Proxy(address)
    return Proxy(address, (unquote(parts.username), unquote(parts.password or "")))


_PROXY_ADVICE = "set it to http://PROXY:PORT, with NAME:PASSWORD@ before the proxy where it asks for them"


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_link_local


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
