"""A loopback ARM, Graph and Entra over real TLS that misbehaves as scripted and records every request."""

import asyncio
import base64
import datetime
import ipaddress
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from auditor.azure.retry import Retry

TENANT = "5f3c1b7e-6f43-4c1c-9d5e-0d6c3a0b1a11"
CLIENT = "0c2b7e0a-93f6-4f0e-8b0f-2d1de1d3b001"
OBJECT = "a4d1ce11-02a6-4a41-9a5c-bb0c9d7e7a01"
SECRET = "not-a-real-secret-Contoso~1"

Play = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Certificate:
    """The file of a test authority, and the server context with a certificate signed by it."""

    ca_file: Path
    server: ssl.SSLContext


@dataclass(frozen=True)
class Asked:
    """One request that arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


@dataclass
class Waits:
    """A sleep that does not wait, and the pauses that were requested of it."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


class HostileAzure:
    """The server that plays the answers scripted for a path, in order, and repeats the last one."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.token_requests: list[Mapping[str, str]] = []
        self.token_plays: list[Play] = []
        self.metadata: Callable[[str], Any] = self.modern_metadata
        self.token_lifetime = 3600
        self._plays: dict[str, list[Play]] = {}
        self._arrived = asyncio.Event()

    def on(self, path: str, *plays: Play) -> None:
        self._plays[path] = list(plays)

    async def first_call(self) -> None:
        """Wait for the first request other than for a token or metadata."""
        await self._arrived.wait()

    def calls(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def modern_metadata(self, _version: str) -> Any:
        return {
            "name": "Hostile",
            "authentication": {"loginEndpoint": self.url, "audiences": ["https://arm.contoso.com/", f"{self.url}/"]},
            "resourceManager": f"{self.url}/",
            "microsoftGraphResourceId": f"{self.url}/",
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        path = request.path
        if path.endswith("/oauth2/v2.0/token"):
            return await self._token(request)
        if path == "/metadata/endpoints":
            found = self.metadata(request.query.get("api-version", ""))
            return web.json_response(found) if found is not None else web.Response(status=404)
        self.asked.append(Asked(request.method, path, dict(request.query), request.headers, body))
        self._arrived.set()
        plays = self._plays.get(path)
        if not plays:
            return web.json_response({"error": {"code": "NotFound", "message": f"no play for {path}"}}, status=404)
        return await (plays.pop(0) if len(plays) > 1 else plays[0])(request)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.token_requests.append(form)
        if self.token_plays:
            return await (self.token_plays.pop(0) if len(self.token_plays) > 1 else self.token_plays[0])(request)
        token = jwt(aud=form["scope"].removesuffix("/.default"), n=len(self.token_requests))
        return web.json_response({"token_type": "Bearer", "expires_in": self.token_lifetime, "access_token": token})


def jwt(**claims: Any) -> str:
    """Return an unsigned token with the claims of Entra's."""

    def part(content: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    now = int(time.time())
    base = {"tid": TENANT, "oid": OBJECT, "appid": CLIENT, "idtyp": "app", "app_displayname": "contoso-audit"}
    return f"{part({'alg': 'RS256'})}.{part({**base, 'exp': now + 3600, **claims})}.{'s' * 40}"


def answers(body: Any, status: int = 200, /, **headers: str) -> Play:
    async def play(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(body, status=status, headers=named)

    return play


def refuses(status: int, code: str = "Refused", /, **headers: str) -> Play:
    return answers({"error": {"code": code, "message": f"{code} by play"}}, status, **headers)


def sends(text: str, content_type: str, status: int = 200) -> Play:
    async def play(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=content_type, status=status)

    return play


def redirects(to: str) -> Play:
    async def play(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": to})

    return play


async def resets(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cuts(request: web.Request) -> web.StreamResponse:
    """Announce a longer body than is sent."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"value": [')
    assert request.transport is not None
    request.transport.close()
    return response


async def cuts_without_length(request: web.Request) -> web.StreamResponse:
    """Send an incomplete body that only its JSON reveals."""
    return web.Response(body=b'{"value": [{"id": "/a', content_type="application/json")


async def never_answers(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


def make_certificate(folder: Path, hosts: Sequence[str] = ()) -> Certificate:
    """Make an authority and a certificate for 127.0.0.1 and `hosts` signed by it, valid for a day."""
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso test authority")])

    def builder(subject: x509.Name, public: ec.EllipticCurvePublicKey, is_ca: bool) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
        )

    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = builder(authority_name, authority_key.public_key(), True).add_extension(usage, critical=True)
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *map(x509.DNSName, ("localhost", *hosts))]
    )
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    leaf = builder(leaf_name, key.public_key(), False).add_extension(names, critical=False)
    ca_file, chain = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(authority.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(leaf.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + private)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(chain)
    return Certificate(ca_file, server)


@asynccontextmanager
async def serving(certificate: Certificate | None) -> AsyncIterator[HostileAzure]:
    """Run a server on a free loopback port; without a certificate it uses plain HTTP, as a metadata service does."""
    hostile = HostileAzure()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hostile.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate.server if certificate else None)
    await site.start()
    host, port = runner.addresses[0][:2]
    hostile.url = f"{'https' if certificate else 'http'}://{host}:{port}"
    try:
        yield hostile
    finally:
        await runner.cleanup()


def quick(waits: Waits | None = None, attempts: int = 4, bound: float = 300) -> Retry:
    """Return a retry that does not wait."""
    return Retry(attempts=attempts, first_wait=0.01, bound=bound, sleep=waits or Waits())


async def gather_into(seen: list[Any], pages: AsyncIterator[list[dict[str, Any]]]) -> None:
    """Add the items to `seen`, so that a test can check them after a failure."""
    async for items in pages:
        seen.extend(items)
