"""Which certificate authorities are trusted."""

import os
import ssl
from pathlib import Path

from auditor.azure.errors import Unreachable

# `SSL_CERT_FILE` is OpenSSL's switch; `REQUESTS_CA_BUNDLE` is the one that the Azure CLI honours.
_ROOTS_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def roots_file() -> Path | None:
    """The bundle of trusted roots that the environment names; None for the system's own."""
    for variable in _ROOTS_VARIABLES:
        if text := os.environ.get(variable):
            return Path(text)
    return None


def tls_context() -> ssl.SSLContext:
    """A client context that trusts the environment's bundle, else the system's roots.

    Raises `Unreachable` when the bundle that the environment names cannot be read.
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
