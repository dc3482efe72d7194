"""One access token per audience, renewed before it ends and never by two at once."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions

from auditor.azure.errors import SignInFailed

# Entra's tokens live an hour or more. Azure-core renews from five minutes before the end; be a little earlier.
_EARLY_SECONDS = 360
# After a renewal failed, a token that still lasts this long is used on, and renewing is tried again after as long.
_PATIENCE_SECONDS = 30
# Requests challenged together ask one after the other; for this long the first one's token answers all.
_SAME_CHALLENGE_SECONDS = 60


class TokenSource(Protocol):
    """Whatever can ask for a token: a credential, or a chain of them."""

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a new token."""
        ...


@dataclass(slots=True)
class _Held:
    """The token of one audience, the challenge that it answers, and when it came and is to be renewed."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: AccessTokenInfo | None = None
    claims: str | None = None
    came_at: float = 0.0
    renew_at: float = 0.0

    def fit(self, claims: str | None) -> AccessTokenInfo | None:
        """The token, unless it ends soon or does not answer the challenge."""
        now = time.time()
        if now >= self.renew_at:
            return None
        answered = claims is None or (claims == self.claims and now < self.came_at + _SAME_CHALLENGE_SECONDS)
        return self.token if answered else None

    def keep(self, token: AccessTokenInfo, claims: str | None) -> AccessTokenInfo:
        """Hold a new token."""
        self.token, self.claims, self.came_at = token, claims, time.time()
        self.renew_at = token.refresh_on or token.expires_on - _EARLY_SECONDS
        return token

    def still_valid(self) -> AccessTokenInfo | None:
        """The token if it can be used on after a renewal failed; puts the next renewal off."""
        now = time.time()
        if self.token is None or now >= self.token.expires_on - _PATIENCE_SECONDS:
            return None
        self.renew_at = now + _PATIENCE_SECONDS
        return self.token


class Tokens:
    """The credential that all pipelines share: caches per audience, with one request under way per audience.

    It is an azure-core async credential. A claims challenge bypasses the cache, and its token replaces the held one.
    """

    def __init__(self, source: TokenSource, tenant: str | None) -> None:
        self._source = source
        self._tenant = tenant
        self._held: dict[tuple[str, ...], _Held] = {}

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a token for `scopes` that lasts; raises `SignInFailed`."""
        held = self._held.setdefault(scopes, _Held())
        claims = (options or {}).get("claims")
        if token := held.fit(claims):
            return token
        async with held.lock:
            if token := held.fit(claims):
                return token
            try:
                new = await self._source.get_token_info(*scopes, options=self._options(claims))
            except SignInFailed:
                if claims is None and (token := held.still_valid()):
                    return token
                raise
            return held.keep(new, claims)

    async def get_token(self, *scopes: str, claims: str | None = None, **_: Any) -> AccessToken:
        """Return a token in the older shape, which some azure-mgmt clients ask for."""
        options: TokenRequestOptions = {"claims": claims} if claims else {}
        token = await self.get_token_info(*scopes, options=options)
        return AccessToken(token.token, token.expires_on)

    async def close(self) -> None:
        """Do nothing: the opener of the credential closes it."""

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
