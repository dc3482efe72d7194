"""Signed tokens: Entra issues them, the other services verify them."""

import base64
import time
import uuid
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from auditor.emulator.entra.identities import SignInIdentity

ARM_AUDIENCES = frozenset(
    {
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://management.usgovcloudapi.net",
        "https://management.core.usgovcloudapi.net",
        "https://management.chinacloudapi.cn",
        "https://management.core.chinacloudapi.cn",
    }
)
GRAPH_AUDIENCES = frozenset(
    {
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
        "00000003-0000-0000-c000-000000000000",
    }
)
LOG_ANALYTICS_AUDIENCES = frozenset(
    {"https://api.loganalytics.io", "https://api.loganalytics.us", "https://api.loganalytics.azure.cn"}
)
_EARLY = 300


class TokenAudience(Enum):
    """The API that a token is for."""

    ARM = "arm"
    GRAPH = "graph"
    LOGS = "logs"


class TokenFault(Enum):
    """The reason why a token is rejected."""

    MISSING = "missing"
    MALFORMED = "malformed"
    EXPIRED = "expired"
    AUDIENCE = "audience"
    ISSUER = "issuer"


class BadToken(Exception):
    """The error for a rejected token, with the reason and, in `detail`, its wrong audience or issuer."""

    def __init__(self, fault: TokenFault, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request, according to its token."""

    object_id: str
    app_id: str
    is_user: bool


class TokenService:
    """The issuer and verifier of tokens of one running emulator."""

    def __init__(self, tenant_id: str, issuer: str, origins: frozenset[str], lifetime: int) -> None:
        self._key = _signing_key()
        self._public = self._key.public_key()
        self._kid = uuid.uuid4().hex
        self._tenant_id = tenant_id
        self._issuer = issuer
        self._audiences = {
            TokenAudience.ARM: ARM_AUDIENCES | origins,
            TokenAudience.GRAPH: GRAPH_AUDIENCES | origins,
            TokenAudience.LOGS: LOG_ANALYTICS_AUDIENCES | origins,
        }
        self._seen: dict[tuple[str, TokenAudience], tuple[Caller, float]] = {}
        self.lifetime = lifetime

    def knows_resource(self, resource: str) -> bool:
        """Return whether tokens can be issued for `resource`."""
        bare = resource.rstrip("/")
        return any(bare in audiences for audiences in self._audiences.values()) or bare in _OTHER_RESOURCES

    def access_token(
        self, identity: SignInIdentity, audience: str, client_id: str, *, lifetime: int | None = None
    ) -> str:
        """Return a signed access token of `identity` for `audience`."""
        claims: dict[str, object] = {
            **self._common(audience, lifetime or self.lifetime),
            "iss": f"{self._issuer}/{self._tenant_id}/",
            "idp": f"{self._issuer}/{self._tenant_id}/",
            "oid": identity.object_id,
            "sub": identity.object_id,
            "tid": self._tenant_id,
            "ver": "1.0",
            "appid": client_id,
            "uti": uuid.uuid4().hex[:22],
        }
        if identity.is_user:
            claims |= {
                "idtyp": "user",
                "appidacr": "0",
                "amr": ["pwd", "mfa"],
                "name": identity.name,
                "upn": identity.upn,
                "unique_name": identity.upn,
                "scp": "user_impersonation Directory.Read.All",
            }
        else:
            claims |= {"idtyp": "app", "appidacr": "1", "app_displayname": identity.name}
        return self._signed(claims)

    def id_token(self, identity: SignInIdentity, client_id: str, nonce: str | None) -> str:
        """Return the id token of a user who signed in."""
        claims = {
            **self._common(client_id, self.lifetime),
            "iss": f"{self._issuer}/{self._tenant_id}/v2.0",
            "oid": identity.object_id,
            "sub": identity.object_id,
            "tid": self._tenant_id,
            "ver": "2.0",
            "name": identity.name,
            "preferred_username": identity.upn,
        }
        return self._signed(claims | ({"nonce": nonce} if nonce else {}))

    def verify(self, authorization: str, audience: TokenAudience) -> Caller:
        """Return the caller that an `Authorization` header identifies to an API; raises `BadToken`."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise BadToken(TokenFault.MISSING)
        seen = self._seen.get((token, audience))
        if seen is not None and seen[1] > time.time():
            return seen[0]
        claims = self._claims(token.strip(), audience)
        caller = Caller(str(claims["oid"]), str(claims["appid"]), is_user=claims["idtyp"] == "user")
        if len(self._seen) > 1000:
            self._seen.clear()
        self._seen[token, audience] = (caller, float(str(claims["exp"])))
        return caller

    def keys(self) -> dict[str, object]:
        """Return the JSON Web Key Set."""
        numbers = self._public.public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self._kid, "n": _b64(numbers.n), "e": _b64(numbers.e)}
        return {"keys": [key]}

    def _claims(self, token: str, audience: TokenAudience) -> dict[str, object]:
        options = {"require": ["exp", "aud", "iss"], "verify_aud": False}
        try:
            claims: dict[str, object] = jwt.decode(token, self._public, algorithms=["RS256"], options=options)  # type: ignore[arg-type]
        except jwt.ExpiredSignatureError as expired:
            raise BadToken(TokenFault.EXPIRED) from expired
        except jwt.InvalidTokenError as invalid:
            raise BadToken(TokenFault.MALFORMED) from invalid
        claimed = str(claims["aud"])
        if claimed.rstrip("/") not in self._audiences[audience]:
            raise BadToken(TokenFault.AUDIENCE, claimed)
        if claims["iss"] != f"{self._issuer}/{self._tenant_id}/" or "oid" not in claims:
            raise BadToken(TokenFault.ISSUER, str(claims["iss"]))
        return claims

    def _common(self, audience: str, lifetime: int) -> dict[str, object]:
        now = int(time.time())
        return {"aud": audience, "iat": now - _EARLY, "nbf": now - _EARLY, "exp": now + lifetime}

    def _signed(self, claims: dict[str, object]) -> str:
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid})


_OTHER_RESOURCES = frozenset({"https://vault.azure.net", "https://graph.windows.net", "https://storage.azure.com"})


@lru_cache(maxsize=1)
def _signing_key() -> rsa.RSAPrivateKey:
    """Return the one key of this process, as it is slow to make; emulators in one process differ by their issuer."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _b64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
