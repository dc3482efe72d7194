"""The parameters of signing in, and one credential together with its outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.azure.clouds import Cloud

if TYPE_CHECKING:
    from azure.core.credentials import AccessTokenInfo, TokenRequestOptions

AUTH_MODES = ("default", "cli", "environment", "managed-identity", "workload-identity", "device-code", "browser")
_ENTRA = "AADSTS"
INTERACTIVE = frozenset({"device-code", "browser"})
"""The modes in which a person must act before a token is issued."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The parameters of signing in.

    Attributes:
        mode: one of `AUTH_MODES`.
        tenant: id or domain of the tenant; None = the account's own.
        cloud: the cloud whose login endpoint is used.
        patience: seconds that a sign-in without a person may take.
        first_wait: seconds before a failed token request is first repeated.
        tell: shows the person what to do (device code), and as whom else they are signed in.
    """

    mode: str
    tenant: str | None
    cloud: Cloud
    patience: float
    first_wait: float
    tell: Callable[[str], None]

    @property
    def needs_person(self) -> bool:
        """Whether a person must act before a token is issued."""
        return self.mode in INTERACTIVE


class SignInAttempt:
    """One credential, and the outcome of asking it for a token."""

    def __init__(self, name: str, credential: Any, *, falls_through: bool = False, is_set_up: bool = False) -> None:
        self.name = name
        self.asked = False
        self.failure: Exception | None = None
        self.worked = False
        self._credential = credential
        self._falls_through = falls_through
        self._is_set_up = is_set_up

    @property
    def was_passed_over(self) -> bool:
        """Whether the environment sets it up, and nothing on this machine answered for it."""
        return self._is_set_up and self.failure is not None

    async def get_token_info(self, *scopes: str, options: "TokenRequestOptions | None" = None) -> "AccessTokenInfo":
        """Return a token; a failure is kept in `failure` and raised."""
        from azure.core.exceptions import ClientAuthenticationError
        from azure.identity import CredentialUnavailableError

        self.asked = True
        try:
            token: AccessTokenInfo = await self._credential.get_token_info(*scopes, options=options)
        except Exception as failure:
            self.failure = failure
            if self._is_set_up and isinstance(failure, CredentialUnavailableError) and _was_answered(failure):
                # It would end in another identity than the one that is set up.
                raise ClientAuthenticationError(message=str(failure)) from failure
            if self._falls_through and isinstance(failure, ClientAuthenticationError) and _ENTRA not in str(failure):
                # A developer tool that is installed but not signed in must not end the chain; one that is signed in,
                # and that Entra refuses, must.
                raise CredentialUnavailableError(message=str(failure)) from failure
            raise
        self.failure = None
        self.worked = True
        return token


def _was_answered(failure: Exception) -> bool:
    """Return whether a service answered an unavailable credential, such as that it has no such identity."""
    return getattr(failure.__cause__, "status_code", None) is not None
