"""A shell at a pseudo-terminal, with somebody who types."""

import os
import pty
import re
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 60.0
"""Seconds until what should appear counts as missing."""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\x07\x08\r]")


class TypingShell:
    """A shell that is typed into, and what it showed since something was last waited for."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self.shown = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd)
                os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606 - it is the shell itself that is started
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def send(self, text: str) -> None:
        """Type `text`."""
        os.write(self.terminal, text.encode())

    def wait_for(self, text: str) -> None:
        """Wait until `text` is shown, and forget what came before its end."""
        until = time.monotonic() + PATIENCE
        while text not in _CONTROL.sub("", self.shown):
            readable, _, _ = select.select([self.terminal], [], [], max(0.0, until - time.monotonic()))
            assert readable, f"`{text}` did not appear in {self.shown!r}"
            self.shown += os.read(self.terminal, 65536).decode("utf-8", "replace")
        self.shown = _CONTROL.sub("", self.shown).partition(text)[2]
