"""`--resume`: a scan that keeps what it reads in a file as it goes, and goes on from there when it is started again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import Terminal
from auditor.files import why
from auditor.inventory.reads import INTERRUPTED, Gap, is_passing

if TYPE_CHECKING:
    from auditor.azure.connection import Azure
    from auditor.collect.resuming.kept_answers import KeptAnswers, OtherScan
    from auditor.inventory.snapshot.snapshot import Snapshot

_UNANSWERED = frozenset(
    {
        INTERRUPTED,
        "ConnectionBroken",
        "ConnectionFailed",
        "DamagedAnswer",
        "GivenUp",
        "HostNotFound",
        "IncompleteBody",
        "NoBatchAnswer",
        "NotJson",
        "ProxyFailed",
        "ProxyRefused",
        "ProxySignIn",
        "ProxyUnreachable",
        "SignInFailed",
        "Timeout",
        "TooManyOpenFiles",
        "UnreadableAnswer",
        "UnsupportedProxy",
        "UntrustedCertificate",
    }
)
"""Codes of gaps of lists that another run may read; `NotJson` is what a proxy or a sign-in page answers."""


class Resumption:
    """The file of a scan that can be gone on with; `identity` is what the scan is of, as JSON, before signing in.

    A file that cannot be used raises `UsageFailed` when it is opened.
    """

    def __init__(self, path: Path, max_age: timedelta, identity: dict[str, Any], terminal: Terminal) -> None:
        self._path = path
        self._identity = identity
        self._terminal = terminal
        self._unanswered: int | None = None
        self._kept = self._opened(max_age)

    def _opened(self, max_age: timedelta) -> "KeptAnswers":
        from auditor.collect.resuming.answer_file import AnswerFile, InUse, NoAnswerFile
        from auditor.collect.resuming.kept_answers import KeptAnswers
        from auditor.own_file import NotOurs

        try:
            kept = KeptAnswers(AnswerFile(self._path), max_age, time.time)
        except InUse:
            raise UsageFailed(f"another run is working with `{self._path}`: wait until it ends") from None
        except NoAnswerFile:
            raise UsageFailed(f"{_no_file(self._path)}; name another one for `--resume`") from None
        except NotOurs as strange:
            raise UsageFailed(str(strange)) from strange
        except OSError as refused:
            raise UsageFailed(f"`--resume`: cannot use `{self._path}`: {why(refused)}") from refused
        try:
            self._check(kept, self._identity)
        except BaseException:
            kept.close()
            raise
        return kept

    async def begin(self, azure: "Azure") -> datetime:
        """Let the connection take from the file what it holds, and keep the rest there; return when the scan began.

        Raises `UsageFailed` where the file is of another tenant or account.
        """
        signed_in = await azure.identity()
        whole = {
            **self._identity,
            "endpoint": azure.cloud.arm,
            "tenant": signed_in.tenant_id.lower(),
            "signed-in account": signed_in.object_id.lower(),
        }
        self._check(self._kept, whole)
        try:
            began = self._kept.open(whole)
        except OSError as refused:
            raise UsageFailed(f"`--resume`: cannot write `{self._path}`: {why(refused)}") from refused
        azure.remember(self._kept)
        return began

    def _check(self, kept: "KeptAnswers", identity: dict[str, Any]) -> None:
        from auditor.collect.resuming.kept_answers import OtherFormat, OtherScan

        try:
            kept.check(identity)
        except OtherFormat:
            raise UsageFailed(f"{_no_file(self._path)}; remove it, or name another one for `--resume`") from None
        except OtherScan as other:
            raise UsageFailed(_of_another(self._path, other, identity)) from None

    def read(self, snapshot: "Snapshot") -> None:
        """Note what was read, by which the end of the command decides whether the file is still of use."""
        self._unanswered = sum(map(_may_be_answered, snapshot.gaps))

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Remove the file after a block in which everything was answered; otherwise keep it, and say so."""
        try:
            yield
        except UsageFailed:
            self._close(remove=self._kept.is_new)
            raise
        except BaseException:
            began = not self._kept.is_new
            self._close(remove=not began)
            if began:
                self._terminal.note(f"what was read is in `{self._path}`: the same command goes on from there")
            raise
        if self._kept.failure is not None:
            self._terminal.note(f"`{self._path}` could not be written to its end: {why(self._kept.failure)}")
        if self._unanswered:
            self._close(remove=False)
            lists = "1 list was" if self._unanswered == 1 else f"{self._unanswered:,} lists were"
            self._terminal.note(f"{lists} not answered: the same command asks for them again (`{self._path}`)")
        else:
            self._close(remove=True)

    def _close(self, *, remove: bool) -> None:
        try:
            if remove:
                self._kept.remove()
            else:
                self._kept.close()
        except OSError as refused:
            self._terminal.note(f"`{self._path}`: {why(refused)}")


def _may_be_answered(gap: Gap) -> bool:
    """Return whether another run may read a list: no answer came, or one that says nothing about the list."""
    return gap.status == 401 or is_passing(gap.status) or (gap.status in {0, 200} and gap.code in _UNANSWERED)


def _no_file(path: Path) -> str:
    return f"`{path}` is not a file that `--resume` of this version of migaudit wrote, or it is damaged"


def _of_another(path: Path, other: "OtherScan", identity: dict[str, Any]) -> str:
    differs = [f"{name} {_shown(held)}, not {_shown(identity[name])}" for name, held in other.differs.items()]
    return f"`{path}` is of another scan: {'; '.join(differs)}; name another file for `--resume`, or remove it"


def _shown(value: Any) -> str:
    """Return a value of the identity as it is shown; what is in a file is anybody's text."""
    from auditor.report.inert import inert

    if isinstance(value, list):
        return f"`{inert(', '.join(map(str, value)))}`" if value else "none"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"`{inert(str(value))}`"
