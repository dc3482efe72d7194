"""Progress of reading, on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auditor.cli.terminal import Terminal
from auditor.collect.progress import Progress, Stage

if TYPE_CHECKING:
    import rich.progress


@contextmanager
def watching(terminal: Terminal) -> Iterator[Progress]:
    """Provide the observer for the terminal: bars for a person, lines for `--verbose` in a log, otherwise nothing.

    Each announces how many requests the diagnostic settings take.
    """
    if terminal.shows_progress:
        with bars_on(terminal) as bars:
            yield Bars(bars)
    elif terminal.verbose:
        yield Lines(terminal)
    else:
        yield Announcement(terminal)


class Announcement:
    """Observer that only announces how many requests the diagnostic settings take, one per resource."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._said = False

    def started(self, stage: Stage, total: int) -> None:
        """Announce it once."""
        if stage is Stage.DIAGNOSTICS and not self._said:
            self._said = True
            self._terminal.note(_announcement(total))

    def advanced(self, stage: Stage, by: int = 1) -> None:
        """Print nothing."""

    def finished(self, stage: Stage) -> None:
        """Print nothing."""


class Bars:
    """Observer with one bar per stage, and a bar for signing in before the first one."""

    def __init__(self, bars: "rich.progress.Progress") -> None:
        self._bars = bars
        self._rows: dict[Stage, rich.progress.TaskID] = {}
        self._signing_in = bars.add_task("signing in", total=1)

    def started(self, stage: Stage, total: int) -> None:
        """Show the stage, or update its total."""
        self._bars.update(self._signing_in, visible=False)
        if stage not in self._rows:
            if stage is Stage.DIAGNOSTICS:  # printed above the bars, where it stays when they disappear
                self._bars.console.print(_announcement(total))
            self._rows[stage] = self._bars.add_task(f"reading {stage.value}", total=total)
        self._bars.update(self._rows[stage], total=total)

    def advanced(self, stage: Stage, by: int = 1) -> None:
        """Move the stage's bar."""
        if stage in self._rows:
            self._bars.advance(self._rows[stage], by)

    def finished(self, stage: Stage) -> None:
        """Fill the stage's bar."""
        if stage in self._rows:
            self._bars.update(self._rows[stage], description=f"read {stage.value}")
            self._bars.stop_task(self._rows[stage])


class Lines:
    """Observer that prints one line when a stage begins and one when it ends."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._done: dict[Stage, int] = {}

    def started(self, stage: Stage, total: int) -> None:
        """Print once that the stage has begun."""
        if stage not in self._done:
            self._done[stage] = 0
            self._terminal.detail(f"reading {stage.value}: {total:,} to read")

    def advanced(self, stage: Stage, by: int = 1) -> None:
        """Count the answers."""
        self._done[stage] = self._done.get(stage, 0) + by

    def finished(self, stage: Stage) -> None:
        """Print how many answers the stage had."""
        self._terminal.detail(f"read {stage.value}: {self._done.get(stage, 0):,} answers")


def _announcement(total: int) -> str:
    return f"asking for the diagnostic settings of {total:,} resources, one request each"


@contextmanager
def bars_on(terminal: Terminal) -> "Iterator[rich.progress.Progress]":
    """Provide bars on stderr, which disappear at the end."""
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(file=sys.stderr, no_color=not terminal.colours(sys.stderr), markup=False, highlight=False)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bars:
        yield bars
