"""The credential chain behind `--auth`: credentials are tried in order, and each failure becomes one line."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from auditor.azure.auth.sign_in import AUTH_MODES, SignIn, SignInAttempt
from auditor.azure.errors import SignInFailed

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions

    from auditor.azure.auth.tokens import Tokens
    from auditor.azure.transport import PooledTransport


class SignInChain:
    """A chain of credentials, asked in order until one returns a token; from then on only that one is asked."""

    def __init__(self, sign_in: SignIn, attempts: Sequence[SignInAttempt], unfit: Sequence[str] = ()) -> None:
        self._sign_in = sign_in
        self._attempts = attempts
        self._unfit = tuple(unfit)

    async def get_token_info(self, *scopes: str, options: "TokenRequestOptions | None" = None) -> "AccessTokenInfo":
        """Return a token; raises `SignInFailed` with one line per credential."""
        from azure.identity.aio import ChainedTokenCredential

        from auditor.azure.auth.failures import sign_in_failed

        worked = [attempt for attempt in self._attempts if attempt.worked]
        attempts = worked or self._attempts
        if not attempts:
            raise sign_in_failed(self._sign_in, (), self._unfit)
        # Inside azure-identity's chain, the managed identity endpoint is probed briefly instead of for a minute.
        chain: Any = ChainedTokenCredential(*attempts)  # type: ignore[arg-type]
        try:
            async with asyncio.timeout(None if self._sign_in.needs_person else self._sign_in.patience):
                token: AccessTokenInfo = await chain.get_token_info(*scopes, options=options)
        except Exception as failure:
            raise sign_in_failed(self._sign_in, attempts, self._unfit) from failure
        if not worked:
            self._tell_of_another()
        return token

    def _tell_of_another(self) -> None:
        """Say that a credential is set up, and that another one signed in since there is none of its kind here."""
        from auditor.azure.auth.set_up import CLIENT

        (used,) = (attempt.name for attempt in self._attempts if attempt.worked)
        for attempt in self._attempts:
            if attempt.was_passed_over:
                self._sign_in.tell(
                    f"{CLIENT} is set, but this machine has no managed identity: signed in with {used}; "
                    f"unset it, or choose a way with `--auth`"
                )


@asynccontextmanager
async def open_credential(sign_in: SignIn, transport: "PooledTransport") -> "AsyncIterator[Tokens]":
    """Open a credential that caches one token per audience.

    Using it raises `SignInFailed`; opening it does so for an unknown mode, and for a credential that the environment
    sets up wrongly.
    """
    from auditor.azure.auth.sources import sources
    from auditor.azure.auth.tokens import Tokens

    if sign_in.mode not in AUTH_MODES:
        raise SignInFailed((f"`{sign_in.mode}` is no way to sign in",), f"choose one of {', '.join(AUTH_MODES)}")
    async with AsyncExitStack() as opened:
        attempts, unfit = await sources(sign_in, transport, opened)
        yield Tokens(SignInChain(sign_in, attempts, unfit), sign_in.tenant)
