"""The variables that a tenant is signed in with: those with its prefix take the place of those without one.

The client libraries read the variables of the whole process, so one tenant at a time is signed in there.
"""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from auditor.azure.auth.set_up import PROOFS
from auditor.fleet.tenant import FleetTenant

_ONE_AT_A_TIME = threading.RLock()
_AZURE = "AZURE_"
MACHINES_OWN = frozenset({"AZURE_CONFIG_DIR", "AZURE_EXTENSION_DIR"})
"""Variables of the Azure CLI that say where it lives, and nothing of who signs in."""
_BESIDE: Mapping[str, tuple[str, ...]] = {
    "SSL_CERT_FILE": ("REQUESTS_CA_BUNDLE",),
    "REQUESTS_CA_BUNDLE": ("SSL_CERT_FILE",),
    "HTTPS_PROXY": ("https_proxy",),
    "NO_PROXY": ("no_proxy",),
}
"""Variables of the way to a cloud, which a prefix may replace too, each with those that say the same.

One of these without a prefix would be preferred: Python takes a proxy in small letters first, the transport
`SSL_CERT_FILE`.
"""
_NAMES_TENANT = "AZURE_TENANT_ID"
_NAMES_APPLICATION = "AZURE_CLIENT_ID"
_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "environment": (
        (_NAMES_TENANT,),
        ("AZURE_CLIENT_ID",),
        PROOFS,
    ),
    "workload-identity": ((_NAMES_TENANT,), ("AZURE_CLIENT_ID",), ("AZURE_FEDERATED_TOKEN_FILE",)),
}
"""What each way to sign in needs; of several variables one is enough. The others need the tenant."""
_SHORTEST_SECRET = 6


class VariablesMissing(Exception):
    """The process that signs in lacks variables of the tenant's prefix."""

    def __init__(self, tenant: FleetTenant, names: tuple[str, ...], process: str) -> None:
        are = "is" if len(names) == 1 else "are"
        super().__init__(
            f"{tenant.place}: {', '.join(names)} {are} not set in {process}, which signs in\n"
            f"set {'it' if len(names) == 1 else 'them'} there; the file names the prefix alone"
        )


@contextmanager
def variables_of(tenant: FleetTenant, process: str = "this process") -> Iterator[None]:
    """Give this process the variables of the tenant's prefix, and no others to sign in with, while the block runs.

    Without a prefix nothing changes. Raises `VariablesMissing`; `process` is what its message calls this one. A second
    thread waits until the first has left the block.
    """
    with _ONE_AT_A_TIME:
        if not tenant.env:
            yield
            return
        own = own_variables(tenant.env, os.environ)
        needed = _NEEDED.get(tenant.auth, ((_NAMES_TENANT,),))
        missing = [
            " or ".join(f"{tenant.env}_{name}" for name in some) for some in needed if not any(map(own.get, some))
        ]
        if missing:
            raise VariablesMissing(tenant, tuple(missing), process)
        before = dict(os.environ)
        replaced = {other for name in own for other in _BESIDE.get(name, ())}
        for name in before:
            if name in replaced or (name.upper().startswith(_AZURE) and name.upper() not in MACHINES_OWN):
                del os.environ[name]
        os.environ.update(own)
        try:
            yield
        finally:
            _restore(before)


def own_variables(prefix: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with the prefix that signing in and the way there may use, without the prefix.

    An empty one is not set, but for a secret, which got lost: without it another identity would be asked.
    """
    begin = f"{prefix}_".upper() if sys.platform == "win32" else f"{prefix}_"  # Windows keeps names in capitals
    named = ((name.removeprefix(begin), value) for name, value in variables.items() if name.startswith(begin))
    return {
        name: value
        for name, value in named
        if (value and (name.startswith(_AZURE) or name in _BESIDE)) or name in PROOFS
    }


def own_tenant(tenant: FleetTenant) -> str | None:
    """Return the tenant id or domain that the prefix names, inside `variables_of`; None without a prefix."""
    return os.environ.get(_NAMES_TENANT) if tenant.env else None


def own_application(tenant: FleetTenant) -> str | None:
    """Return the id of the application that the prefix names for the default chain, inside `variables_of`.

    Other ways to sign in take it, or have an account of their own; the chain may end in another identity.
    """
    return os.environ.get(_NAMES_APPLICATION) if tenant.env and tenant.auth == "default" else None


def without_own_secrets(text: str) -> str:
    """Return the text without the values of this process's variables that hold secrets, inside `variables_of`."""
    for name, value in os.environ.items():
        secret = any(part in name for part in ("SECRET", "PASSWORD", "TOKEN"))
        if secret and name.startswith(_AZURE) and len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "<removed>")
    return text


def _restore(before: Mapping[str, str]) -> None:
    for name in set(os.environ) - before.keys():
        del os.environ[name]
    for name, value in before.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
