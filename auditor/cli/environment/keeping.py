"""The snapshot file of a run: all that was read, or what was read until something ended the reading."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.environment.interruptible import undisturbed
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import Aside, CommandFailed, describe
from auditor.cli.terminal import Terminal, to_stderr
from auditor.files import why

if TYPE_CHECKING:
    from auditor.collect.recording import Recording
    from auditor.inventory.snapshot.snapshot import Snapshot


class Keeper:
    """Keeps what is read in the file `path`; without one, nothing.

    A file that cannot be written never ends the run by itself: what was read is still evaluated and shown.
    """

    def __init__(self, path: Path | None, terminal: Terminal) -> None:
        self._path = path
        self._terminal = terminal
        self._kept = ""
        self._lost = ""

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Say of whatever ends the block where the snapshot lies, or why there is none.

        Raises `CommandFailed` (exit 2) behind a block that ended well without the snapshot.
        """
        try:
            yield
        except BrokenPipeError:  # nobody is told of it otherwise
            self._say_lost()
            raise
        except Exception as failure:
            if told := self._lost or self._kept:
                failure.add_note(Aside(told))
            raise
        except KeyboardInterrupt:
            self._say_lost()
            raise
        if self._lost:
            raise CommandFailed(ExitCode.USAGE, self._lost)

    def keep(self, snapshot: "Snapshot") -> None:
        """Write the whole of what was asked for."""
        from auditor.inventory.snapshot.files import save

        if self._path is None:
            return
        try:
            with undisturbed():
                save(snapshot, self._path)
        except OSError as refused:
            self._lose(refused)
        else:
            self._kept = f"kept what was read in `{self._path}`"
            self._terminal.note(f"saved the snapshot to `{self._path}`")

    def keep_part(self, recording: "Recording") -> None:
        """Write what was read until something failed; the rest stands there as gaps."""
        with undisturbed():
            self._write_part(recording)

    def keep_interrupted(self, recording: "Recording") -> None:
        """Write what was read until Ctrl-C, and say so at once: nothing else is going to be told."""
        self._write_part(recording)
        self._say_lost()
        if self._kept:
            self._terminal.note(self._kept)

    def _write_part(self, recording: "Recording") -> None:
        from auditor.inventory.snapshot.files import save

        if self._path is None or not recording.begun:
            return
        try:
            save(recording.snapshot(), self._path)
        except Exception as refused:  # noqa: BLE001  what ended the reading is what has to be reported
            self._lose(refused)
        else:
            self._kept = f"kept what was read in `{self._path}`; the rest stands there as gaps"

    def _say_lost(self) -> None:
        """Say once that there is no snapshot, where the run ends without a message that could carry it."""
        if self._lost:
            to_stderr(f"error: {self._lost}")
            self._lost = ""

    def _lose(self, refused: Exception) -> None:
        self._kept = ""
        reason = why(refused) if isinstance(refused, OSError) else describe(refused)[1].partition("\n")[0]
        self._lost = f"cannot save the snapshot to `{self._path}`: {reason}"
