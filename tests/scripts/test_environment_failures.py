"""The output of pip and venv for each way to fail, with the cause that is reported for it."""

import pytest

from scripts.environment_failures import SHOWN_LINES, explained

DISK = "the disk is full"
VENV = "this Python comes without its module `venv`"
HASH = "the package index gave another file than the one that is pinned"
UNREACHED = "the package index could not be reached"

RETRYING = "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by"
NOT_FOUND = "\nERROR: No matching distribution found for pip==26.3"

DEBIAN = """The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv
package using the following command.

    apt install python3.11-venv
"""
CHANGED_FILE = """ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
    click==8.5.1 from https://mirror.example/click-8.5.1-py3-none-any.whl:
        Expected sha256 00
             Got        ff
"""
SSL = (
    f"{RETRYING} 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed'))': /simple/pip/"
)
NO_NAME = (
    f"{RETRYING} 'NewConnectionError('<HTTPSConnection>: [Errno -3] Temporary failure in name resolution')': /simple/"
)
PROXY = f"{RETRYING} 'ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407'))': /simple/pip/"
SILENT = "ERROR: Could not find a version that satisfies the requirement cel-expr-python==0.1.3 (from versions: none)"

SAID = [
    ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", DISK),
    ("OSError: [Errno 122] Disk quota exceeded: '/home/ada/x'", DISK),
    (DEBIAN, VENV),
    ("/usr/bin/python3: No module named venv", VENV),
    ("/opt/python/bin/python3: No module named ensurepip", VENV),
    (CHANGED_FILE, HASH),
    (SSL + NOT_FOUND, "the certificate of the package index is not trusted here"),
    (NO_NAME + NOT_FOUND, UNREACHED),
    (PROXY + NOT_FOUND, UNREACHED),
    ("ReadTimeoutError: HTTPSConnectionPool(host='mirror.example', port=443): Read timed out.", UNREACHED),
    ("ERROR: 403 Client Error: Forbidden for url: https://mirror.example/x.whl", "the package index refused access"),
    (SILENT + NOT_FOUND, "the package index shows no file of a pinned version for Python 3"),
    (
        "migaudit 0.1.0 requires tomli-w, which is not installed.",
        "the locks in requirements/ do not hold what is asked",
    ),
    ("migaudit 0.1.0 has requirement click>=9, but you have click 8.5.1.", "the locks in requirements/ do not hold"),
    ("Error: [Errno 13] Permission denied: '/srv/migaudit/.venv/include'", "a file may not be written"),
    ("OSError: [Errno 30] Read-only file system: '/mnt/migaudit/.venv'", "a file may not be written"),
    ("something that nobody has seen yet", "a step failed for a reason that is not known here"),
]


@pytest.mark.parametrize(("said", "cause"), SAID)
def test_each_failure_is_told_by_its_cause_with_something_to_do(said: str, cause: str) -> None:
    first, second, *_ = str(explained(said)).splitlines()
    assert first.startswith(cause)
    assert second.startswith("  what to do: ")


def test_the_last_lines_are_shown_and_do_nothing_to_the_terminal() -> None:
    said = "\n".join(f"\x1b[31mline {number}\x07" for number in range(40))
    shown = str(explained(said)).splitlines()
    assert shown[-1] == "  | [31mline 39"
    assert len([line for line in shown if line.startswith("  | ")]) == SHOWN_LINES
