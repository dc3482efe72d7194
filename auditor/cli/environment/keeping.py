"""The snapshot file of a run (`--save-snapshot`): everything that was read, or what was read before it ended early."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import Aside, CommandFailed, describe
from auditor.cli.interrupts import undisturbed
from auditor.cli.terminal import Terminal, to_stderr
from auditor.files import why

if TYPE_CHECKING:
    from auditor.collect.recording import Recording
    from auditor.inventory.snapshot.snapshot import Snapshot


class Keeper:
    """Writer of the snapshot file `path`; does nothing if `path` is None.

    A file that cannot be written does not end the run: what was read is still evaluated and shown.
    """

    def __init__(self, path: Path | None, terminal: Terminal) -> None:
        self._path = path
        self._terminal = terminal
        self._kept = ""
        self._lost = ""

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Report where the snapshot is, or why there is none, with any exception that ends the block.

        Raises `CommandFailed` (exit 2) after a block that succeeded although the snapshot could not be saved.
        """
        try:
            yield
        except BrokenPipeError:  # it ends the command without a message of its own
            self._say_lost()
            raise
        except Exception as failure:
            if note := self._lost or self._kept:
                failure.add_note(Aside(note))
            raise
        except KeyboardInterrupt:
            self._say_lost()
            self._say_kept()
            raise
        if self._lost:
            raise CommandFailed(ExitCode.USAGE, self._lost)

    def keep(self, snapshot: "Snapshot") -> None:
        """Write the complete snapshot."""
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
        """Write what was read before a failure; the rest is recorded as gaps."""
        with undisturbed():
            self._write_part(recording)

    def keep_interrupted(self, recording: "Recording") -> None:
        """Write what was read before Ctrl-C, and report it at once, because no other message follows."""
        self._write_part(recording)
        self._say_lost()
        self._say_kept()

    def _write_part(self, recording: "Recording") -> None:
        from auditor.inventory.snapshot.files import save

        if self._path is None or not recording.begun:
            return
        try:
            save(recording.snapshot(), self._path)
        except Exception as refused:  # noqa: BLE001  the failure that ended the reading must be reported, not this one
            self._lose(refused)
        else:
            self._kept = f"kept what was read in `{self._path}`; the rest is in it as gaps"

    def _say_lost(self) -> None:
        """Report once that there is no snapshot, if the run ends without a message that could say so."""
        if self._lost:
            to_stderr(f"error: {self._lost}")
            self._lost = ""

    def _say_kept(self) -> None:
        """Report once where the snapshot is, if a signal ends the run."""
        if self._kept:
            self._terminal.note(self._kept)
            self._kept = ""

    def _lose(self, refused: Exception) -> None:
        self._kept = ""
        reason = why(refused) if isinstance(refused, OSError) else describe(refused)[1].partition("\n")[0]
        self._lost = f"cannot save the snapshot to `{self._path}`: {reason}"
