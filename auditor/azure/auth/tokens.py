"""The token cache: one access token per audience, renewed before it expires, with one request at a time."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions

from auditor.azure.errors import SignInFailed

# Entra's tokens last an hour or more. azure-core renews them five minutes before they expire; this is a little earlier.
_EARLY_SECONDS = 360
# After a failed renewal, a token that is valid for longer than this stays in use, and renewal is tried again after it.
_PATIENCE_SECONDS = 30
# Requests that were challenged together ask one after the other; for this long the first new token serves all of them.
_SAME_CHALLENGE_SECONDS = 60


class TokenSource(Protocol):
    """A credential, or a chain of credentials, that can request a token."""

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a new token."""
        ...


@dataclass(slots=True)
class _CachedToken:
    """The token of one audience with the claims challenge it answers; times in seconds since the epoch."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: AccessTokenInfo | None = None
    claims: str | None = None
    received_at: float = 0.0
    renew_at: float = 0.0

    def usable(self, claims: str | None) -> AccessTokenInfo | None:
        """Return the token, or None where it expires soon or does not answer the challenge."""
        now = time.time()
        if now >= self.renew_at:
            return None
        answered = claims is None or (claims == self.claims and now < self.received_at + _SAME_CHALLENGE_SECONDS)
        return self.token if answered else None

    def keep(self, token: AccessTokenInfo, claims: str | None) -> AccessTokenInfo:
        """Store a new token and return it."""
        self.token, self.claims, self.received_at = token, claims, time.time()
        self.renew_at = token.refresh_on or token.expires_on - _EARLY_SECONDS
        return token

    def still_valid(self) -> AccessTokenInfo | None:
        """Return the token where it is valid long enough after a failed renewal, and postpone the next renewal."""
        now = time.time()
        if self.token is None or now >= self.token.expires_on - _PATIENCE_SECONDS:
            return None
        self.renew_at = now + _PATIENCE_SECONDS
        return self.token


class Tokens:
    """The azure-core async credential that all pipelines share: a cache with at most one token request per audience.

    A claims challenge bypasses the cache, and its token replaces the cached one.
    """

    def __init__(self, source: TokenSource, tenant: str | None) -> None:
        self._source = source
        self._tenant = tenant
        self._held: dict[tuple[str, ...], _CachedToken] = {}

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a valid token for `scopes`; raises `SignInFailed`."""
        held = self._held.setdefault(scopes, _CachedToken())
        claims = (options or {}).get("claims")
        if token := held.usable(claims):
            return token
        async with held.lock:
            if token := held.usable(claims):
                return token
            try:
                new = await self._source.get_token_info(*scopes, options=self._options(claims))
            except SignInFailed:
                if claims is None and (token := held.still_valid()):
                    return token
                raise
            return held.keep(new, claims)

    async def get_token(self, *scopes: str, claims: str | None = None, **_: Any) -> AccessToken:
        """Return a token in azure-core's older form, which some azure-mgmt clients request."""
        options: TokenRequestOptions = {"claims": claims} if claims else {}
        token = await self.get_token_info(*scopes, options=options)
        return AccessToken(token.token, token.expires_on)

    async def close(self) -> None:
        """Do nothing: `open_credential` closes the credential."""

    async def __aenter__(self) -> "Tokens":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Do nothing: azure-mgmt clients share this credential."""

    def _options(self, claims: str | None) -> TokenRequestOptions:
        options: TokenRequestOptions = {"enable_cae": True}
        if claims:
            options["claims"] = claims
        if self._tenant:
            options["tenant_id"] = self._tenant
        return options
