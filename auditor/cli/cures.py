"""Advice on lists that were not read: one sentence per kind of failure."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from auditor.report.inert import inert

if TYPE_CHECKING:
    from auditor.inventory.reads import Gap

_SIGN_IN = "sign in again (`az login`, or renew the credential), then repeat the command"
_WAIT = (
    "Azure is busy or failing: wait some minutes, then repeat the command, perhaps with a smaller `--concurrency` or "
    "with `--max-requests-per-second`"
)
_NETWORK = (
    "no complete answer arrived: check the network, the proxy (HTTPS_PROXY, NO_PROXY) and the trusted certificates "
    "(SSL_CERT_FILE), then repeat the command"
)
_STRANGE = (
    "the answer is not one that Azure documents: a proxy or a sign-in page may be in between; check HTTPS_PROXY, "
    "NO_PROXY and `--cloud`"
)
_NOT_THERE = "Azure found nothing there: check the id, `--tenant` and `--cloud`"
_STOPPED = "reading was interrupted before this list was reached: read again, to the end"
_OTHER = "Azure does not accept this request there: check `--cloud`, and whether the subscription is disabled"
_PERMISSION = "permission"


def cures(gaps: Iterable["Gap"], reader: str) -> list[str]:
    """Return the advice on `gaps`, the most frequent kind first; `reader` is the account that read."""
    every = list(gaps)
    counted = Counter(map(_cure, every))
    ordered = sorted(counted, key=lambda text: (-counted[text], text))
    return [line for text in ordered for line in (_permission(every, reader) if text is _PERMISSION else [text])]


def cure_of(status: int) -> str:
    """Return the advice on a read that failed with an HTTP status (0: no answer); empty if there is none."""
    from auditor.inventory.reads import is_passing

    if status == 0:
        return _NETWORK
    if status == 401:
        return _SIGN_IN
    return _WAIT if is_passing(status) else ""


def _cure(gap: "Gap") -> str:
    from auditor.inventory.reads import INTERRUPTED, ONLY_READABLE

    if gap.status == 403 or gap.code == ONLY_READABLE:
        return _PERMISSION
    if gap.code == INTERRUPTED:
        return _STOPPED
    if 0 < gap.status < 400 or gap.status == 407:
        return _STRANGE
    if gap.status in {404, 410}:
        return _NOT_THERE
    return cure_of(gap.status) or _OTHER


def _permission(gaps: Iterable["Gap"], reader: str) -> list[str]:
    from auditor.inventory.reads import BY_READER

    needs = sorted({gap.cure for gap in gaps if gap.cure}, key=str.lower)
    role = f"give `{inert(reader)}` the role `Reader` there"
    if needs == [BY_READER]:
        return [f"{role}; a custom role cannot name what this list needs"]
    smaller = "or the smaller one that `migaudit permissions --format role` prints"
    return [f"{role}, {smaller}{'; the least it needs:' if needs else ''}", *(f"  {inert(need)}" for need in needs)]
