"""The causes of a failed set-up and what to do about each, recognised by what pip and venv print."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

SHOWN_LINES = 12
SHOWN_COLUMNS = 200


class SetUpFailed(Exception):
    """A failed set-up of an environment; the text says why, what to do, and what the tool printed last."""

    def __init__(self, cause: str, cure: str, said: str = "", log: Path | None = None) -> None:
        """Store the cause, what to do about it, what the tool printed, and the log that contains all of it."""
        last = [line for line in said.splitlines() if line.strip()][-SHOWN_LINES:]
        end = ["".join(filter(str.isprintable, line[:SHOWN_COLUMNS])) for line in last]
        lines = [
            cause,
            f"  what to do: {cure}",
            *([f"  the end of {log}:"] if log else []),
            *(f"  | {line}" for line in end),
        ]
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Cause:
    """A cause, the regular expression that recognises it in the output of a tool, and what to do."""

    recognised_by: str
    cause: str
    cure: str


_GO_ON = "then run make again: it continues where it stopped"
_HERE = f"Python {sys.version.split()[0]} on {sys.platform}"

# The order matters: a full disk or an untrusted certificate is also reported as a package that was not found.
CAUSES = (
    Cause(
        r"No space left on device|Disk quota exceeded|\[Errno 28\]|\[Errno 122\]",
        "the disk is full",
        f"free 1 GB here and in the folder for temporary files (TMPDIR), {_GO_ON}",
    ),
    Cause(
        r"ensurepip is not\s+available|No module named '?(ensurepip|venv)",
        "this Python comes without its module `venv`",
        "install it (Debian and Ubuntu: `sudo apt install python3-venv`), or name another Python: "
        "`make PYTHON=/path/to/python3`",
    ),
    Cause(
        r"DO NOT MATCH THE HASHES",
        "the package index gave another file than the one that is pinned",
        "a proxy that changes downloads or a damaged mirror does this: try another network or index, and report it if "
        "it stays; do not install that file by other means",
    ),
    Cause(
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError",
        "the certificate of the package index is not trusted here",
        "behind a proxy that opens TLS, name its certificates: `PIP_CERT=/path/to/ca.pem make …`",
    ),
    Cause(
        r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|Read timed out|ProxyError"
        r"|Connection refused|ConnectionResetError|Connection broken|IncompleteRead|ProtocolError|name resolution",
        "the package index could not be reached",
        f"check the network, HTTPS_PROXY, or the mirror that `pip config list` names, {_GO_ON}",
    ),
    Cause(
        r"40[137] Client Error|User for .*:|Unauthorized",
        "the package index refused access",
        f"check the name and password of the mirror that `pip config list` names, {_GO_ON}",
    ),
    Cause(
        r"No matching distribution found",
        f"the package index shows no file of a pinned version for {_HERE}",
        "the pins are for Python 3.11 to 3.14 on Linux with glibc, macOS and Windows (`make PYTHON=/path/to/python3`). "
        f"If that is what this is, check the network and the mirror that `pip config list` names, {_GO_ON}",
    ),
    Cause(
        r" requires .+, which is not installed|has requirement .+, but you have",
        "the locks in requirements/ do not hold what is asked for",
        "after a change of pyproject.toml or of a list in requirements/, run `make lock`",
    ),
    Cause(
        r"Permission denied|Read-only file system|\[Errno 13\]|\[Errno 30\]",
        "a file may not be written",
        "check who owns this folder: it must belong to the one who runs make",
    ),
)


def explained(said: str, log: Path | None = None) -> SetUpFailed:
    """Return the failure that matches the output of a tool or an error of the operating system."""
    for known in CAUSES:
        if re.search(known.recognised_by, said):
            return SetUpFailed(known.cause, known.cure, said, log)
    return SetUpFailed("a step failed for a reason that is not known here", "see what was said", said, log)
