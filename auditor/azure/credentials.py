"""Signing in: the ways of `--auth`, tried one after the other, each failure kept as one line."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.azure.clouds import Cloud
from auditor.azure.errors import SignInFailed

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions

    from auditor.azure.tokens import Tokens
    from auditor.azure.transport import PooledTransport

AUTH_MODES = ("default", "cli", "environment", "managed-identity", "workload-identity", "device-code", "browser")
_INTERACTIVE = frozenset({"device-code", "browser"})


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in.

    Attributes:
        mode: one of `AUTH_MODES`.
        tenant: id or domain of the tenant; None = the account's own.
        cloud: whose login endpoint is asked.
        patience: seconds that signing in without a person may take.
        first_wait: seconds before the first repetition of a failed token request.
        tell: shows a person what to do (device code).
    """

    mode: str
    tenant: str | None
    cloud: Cloud
    patience: float
    first_wait: float
    tell: Callable[[str], None]

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to act before a token comes."""
        return self.mode in _INTERACTIVE


class Attempt:
    """One credential, and what came of asking it."""

    def __init__(self, name: str, credential: Any, *, falls_through: bool = False) -> None:
        self.name = name
        self.failure: Exception | None = None
        self.worked = False
        self._credential = credential
        self._falls_through = falls_through

    async def get_token_info(self, *scopes: str, options: "TokenRequestOptions | None" = None) -> "AccessTokenInfo":
        """Return a token; a failure is remembered and raised."""
        from azure.core.exceptions import AzureError, ClientAuthenticationError
        from azure.identity import CredentialUnavailableError

        try:
            token: AccessTokenInfo = await self._credential.get_token_info(*scopes, options=options)
        except (AzureError, ValueError, OSError) as failure:
            self.failure = failure
            if self._falls_through and isinstance(failure, ClientAuthenticationError):
                # A developer tool that is installed but not signed in must not stop the next one from being asked.
                raise CredentialUnavailableError(message=str(failure)) from failure
            raise
        self.failure = None
        self.worked = True
        return token


class SignInChain:
    """Asks credentials in order until one gives a token, and stays with that one."""

    def __init__(self, sign_in: SignIn, attempts: Sequence[Attempt], unfit: Sequence[str] = ()) -> None:
        self._sign_in = sign_in
        self._attempts = attempts
        self._unfit = tuple(unfit)

    async def get_token_info(self, *scopes: str, options: "TokenRequestOptions | None" = None) -> "AccessTokenInfo":
        """Return a token; raises `SignInFailed` with one line per credential."""
        from azure.core.exceptions import AzureError
        from azure.identity.aio import ChainedTokenCredential

        from auditor.azure.sign_in_failures import sign_in_failed

        worked = [attempt for attempt in self._attempts if attempt.worked]
        attempts = worked or self._attempts
        if not attempts:
            raise sign_in_failed(self._sign_in, (), self._unfit)
        # azure-identity's chain is what makes a managed identity be looked for briefly instead of for a minute.
        chain: Any = ChainedTokenCredential(*attempts)  # type: ignore[arg-type]
        try:
            async with asyncio.timeout(None if self._sign_in.needs_person else self._sign_in.patience):
                token: AccessTokenInfo = await chain.get_token_info(*scopes, options=options)
        except (AzureError, TimeoutError) as failure:
            raise sign_in_failed(self._sign_in, attempts, self._unfit) from failure
        return token


@asynccontextmanager
async def open_credential(sign_in: SignIn, transport: "PooledTransport") -> "AsyncIterator[Tokens]":
    """Hold a credential open that caches one token per audience.

    Raises `SignInFailed` when used, not when opened; an unknown mode is a `SignInFailed` at once.
    """
    from auditor.azure.credential_sources import sources
    from auditor.azure.tokens import Tokens

    if sign_in.mode not in AUTH_MODES:
        raise SignInFailed((f"`{sign_in.mode}` is no way to sign in",), f"choose one of {', '.join(AUTH_MODES)}")
    async with AsyncExitStack() as opened:
        attempts, unfit = await sources(sign_in, transport, opened)
        yield Tokens(SignInChain(sign_in, attempts, unfit), sign_in.tenant)
