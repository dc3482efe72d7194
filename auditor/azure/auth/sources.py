"""The azure-identity credentials of each `--auth` mode, all on the shared connection pool."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
from azure.identity import DeviceCodeCredential, InteractiveBrowserCredential
from azure.identity.aio import (
    AzureCliCredential,
    AzureDeveloperCliCredential,
    AzurePowerShellCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from auditor.azure.auth.set_up import incomplete, sets_up
from auditor.azure.auth.sign_in import SignIn, SignInAttempt
from auditor.azure.errors import SignInFailed
from auditor.azure.transport import PooledTransport, roots_file

_TOOL_SECONDS = 30
_PRODUCTION = ("environment", "workload-identity", "managed-identity")
_DEVELOPMENT = ("cli", "powershell", "azd")
_CORRECT = {
    "environment": "set AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH "
    "(with AZURE_CLIENT_CERTIFICATE_PASSWORD, if it has one)",
    "workload-identity": "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE",
    "managed-identity": "correct AZURE_CLIENT_ID",
}
_NAMES = {
    "environment": "EnvironmentCredential",
    "workload-identity": "WorkloadIdentityCredential",
    "managed-identity": "ManagedIdentityCredential",
    "cli": "AzureCliCredential",
    "powershell": "AzurePowerShellCredential",
    "azd": "AzureDeveloperCliCredential",
    "device-code": "DeviceCodeCredential",
    "browser": "InteractiveBrowserCredential",
}


async def sources(
    sign_in: SignIn, transport: PooledTransport, opened: AsyncExitStack
) -> tuple[tuple[SignInAttempt, ...], tuple[str, ...]]:
    """Return the credentials in the order to ask them, and one line for each that is not set up.

    Credentials that must be closed are closed with `opened`. Raises `SignInFailed` for a credential that is set up
    and cannot be used: the next one of the chain would sign in as somebody else.
    """
    attempts, unfit = [], []
    kinds = _default_kinds() if sign_in.mode == "default" else (sign_in.mode,)
    for number, kind in enumerate(kinds, start=1):
        if broken := incomplete(kind, os.environ, sign_in.tenant):
            raise _unusable(kind, broken, kinds[number:])
        try:
            credential = _credential(kind, sign_in, transport)
        except Exception as reason:  # each kind of wrong certificate raises another one
            if sets_up(kind, os.environ):
                raise _unusable(kind, _words(reason), kinds[number:]) from reason
            if not isinstance(reason, ValueError | OSError):
                raise
            unfit.append(f"{_NAMES[kind]}: {reason}")
            continue
        if hasattr(credential, "__aexit__"):
            await opened.enter_async_context(credential)
        attempts.append(
            SignInAttempt(
                _NAMES[kind],
                credential,
                falls_through=kind in _DEVELOPMENT,
                is_set_up=sets_up(kind, os.environ),
            )
        )
    return tuple(attempts), tuple(unfit)


def _unusable(kind: str, reason: str, rest: Sequence[str]) -> SignInFailed:
    """Return the failure of a credential that the environment sets up, and that cannot be used."""
    lines = [f"{_NAMES[kind]}: {reason}"]
    if rest:
        lines.append(f"not tried: {', '.join(_NAMES[one] for one in rest)}")
    other = ", or unset what is set of it to sign in in another way" if rest else ""
    return SignInFailed(lines, f"{_CORRECT[kind]}{other}")


def _words(reason: Exception) -> str:
    text = next((line.strip() for line in str(reason).splitlines() if line.strip()), "")
    return text if text and isinstance(reason, ValueError | OSError) else f"{type(reason).__name__} {text}".strip()


def _default_kinds() -> tuple[str, ...]:
    """Return the default chain, narrowed by AZURE_TOKEN_CREDENTIALS as in azure-identity: `prod`, `dev` or one name.

    Raises `SignInFailed` for any other value: a chain that somebody meant to narrow is not asked whole.
    """
    wanted = os.environ.get("AZURE_TOKEN_CREDENTIALS", "").strip().lower()
    every = _PRODUCTION + _DEVELOPMENT
    groups = {"": every, "prod": _PRODUCTION, "dev": _DEVELOPMENT} | {_NAMES[kind].lower(): (kind,) for kind in every}
    if wanted not in groups:
        known = ", ".join(("prod", "dev", *(_NAMES[kind] for kind in every)))
        raise SignInFailed(
            ("AZURE_TOKEN_CREDENTIALS names no way to sign in that migaudit has",), f"set it to one of {known}"
        )
    return groups[wanted]


def _credential(kind: str, sign_in: SignIn, transport: PooledTransport) -> Any:
    """Return a credential of a kind; raises `ValueError` or `OSError`.

    The environment lacks a variable that it needs, or names a file that cannot be read.
    """
    tenant = sign_in.tenant
    entra: dict[str, Any] = {
        "authority": sign_in.cloud.login,
        "disable_instance_discovery": not sign_in.cloud.is_well_known,
        "additionally_allowed_tenants": ["*"],
    }
    asynchronous = {**entra, "transport": transport, "retry_backoff_factor": sign_in.first_wait}
    match kind:
        case "environment":
            return EnvironmentCredential(**asynchronous)
        case "workload-identity":
            return WorkloadIdentityCredential(tenant_id=tenant, **asynchronous)
        case "managed-identity":
            return ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID"), transport=transport)
        case "cli":
            return AzureCliCredential(process_timeout=_TOOL_SECONDS, additionally_allowed_tenants=["*"])
        case "powershell":
            return AzurePowerShellCredential(process_timeout=_TOOL_SECONDS, additionally_allowed_tenants=["*"])
        case "azd":
            return AzureDeveloperCliCredential(process_timeout=_TOOL_SECONDS, additionally_allowed_tenants=["*"])
    # The two interactive credentials exist only as blocking code, built on `requests` with its own trusted roots.
    blocking = {**entra, "tenant_id": tenant}
    blocking["connection_verify"] = str(roots) if (roots := roots_file()) else True
    if kind == "device-code":
        return InThread(DeviceCodeCredential(prompt_callback=_device_prompt(sign_in.tell), **blocking))
    return InThread(InteractiveBrowserCredential(**blocking))


def _device_prompt(tell: Callable[[str], None]) -> Callable[[str, str, datetime], None]:
    def prompt(uri: str, code: str, _expires: datetime) -> None:
        tell(f"to sign in, open {uri} and enter the code {code}")

    return prompt


class InThread:
    """A blocking credential that is asked in a thread.

    The thread is a daemon, so that Ctrl-C need not wait until the device code expires.
    """

    def __init__(self, credential: Any) -> None:
        self._credential = credential

    async def __aenter__(self) -> "InThread":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the credential's connections."""
        self._credential.close()

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return a token; waits for the person without a bound."""
        loop = asyncio.get_running_loop()
        done = asyncio.Event()
        outcome: list[AccessTokenInfo | Exception] = []

        def ask() -> None:
            try:
                outcome.append(self._credential.get_token_info(*scopes, options=options))
            except Exception as failure:  # noqa: BLE001 - raised where the token is waited for
                outcome.append(failure)
            finally:
                with contextlib.suppress(RuntimeError):  # the loop has ended, so nobody waits for the token
                    loop.call_soon_threadsafe(done.set)

        threading.Thread(target=ask, name="migaudit-sign-in", daemon=True).start()
        await done.wait()
        if not outcome:
            raise OSError("the sign-in thread ended without an answer")
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]
