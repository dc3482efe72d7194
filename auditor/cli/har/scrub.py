"""`migaudit har scrub`: a copy of a capture, or of a browser's console log, without secrets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.outputs import ensure_different, ensure_writable
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from rich.progress import TaskID

    from auditor.har.scrub.copy import ScrubbedCopy

SCHEMA = "migaudit/har-scrub/1"


@click.command(
    short_help="Write a copy of a capture without secrets.",
    epilog="Example: migaudit har scrub portal.har --output portal-scrubbed.har",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the copy to this file.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def scrub(context: click.Context, file: Path, output: Path, form: str) -> ExitCode:
    """Write a copy of FILE without secrets, which can be sent to support, and say what was removed.

    FILE is a capture of the portal's traffic (HAR), or any text, such as the log of the browser's console. Tokens,
    cookies, keys, signatures, passwords and personal headers are removed wherever they stand; mail addresses become
    pseudonyms; bodies that are no text are left out. Ids and names of resources remain: read it before you send it.
    """
    from auditor.files import why
    from auditor.har.scrub.copy import scrubbed_copy
    from auditor.report.json_text import json_text

    terminal = Terminal.of(context)
    ensure_different({"FILE": file, "--output": output})
    ensure_writable(output, option="--output")
    try:
        with _watching(terminal) as seen:
            copy = scrubbed_copy(file, output, seen)
    except OSError as refused:
        raise UsageFailed(f"cannot write `{output}`: {why(refused)}") from refused
    if form == "json":
        to_stdout([json_text(_document(copy, output))])
    for line in _notes(copy, output):
        terminal.note(line)
    return ExitCode.CLEAN


@contextmanager
def _watching(terminal: Terminal) -> Iterator[Callable[[str], None]]:
    """Provide what is called after each entry: it moves a bar for a person, and does nothing in a log."""
    if not terminal.shows_progress:
        yield lambda _: None
        return
    from auditor.cli.environment.progress import bars_on

    with bars_on(terminal) as bars:
        rows: dict[str, TaskID] = {}

        def seen(what: str) -> None:
            if what not in rows:
                first = next(iter(rows.values()), None)
                total = None if first is None else bars.tasks[first].completed
                rows[what] = bars.add_task(what, total=total)
            bars.advance(rows[what])

        yield seen


def _document(copy: "ScrubbedCopy", output: Path) -> dict[str, Any]:
    from auditor.har.scrub.copy import REMAINS

    addresses = copy.removals.addresses
    return {
        "schema": SCHEMA,
        "output": str(output),
        "kind": "text" if copy.entries is None else "capture",
        "entries": copy.entries,
        "complete": not copy.broken and not copy.left_out,
        "missing": [one for one in (copy.broken, *copy.left_out) if one],
        "removed": {str(kind): count for kind, count in sorted(copy.removals.counts.items()) if count},
        "replaced": {"mail address": addresses.count} if addresses.count else {},
        "accounts": len(addresses.pseudonyms),
        "remains": list(REMAINS),
    }


def _notes(copy: "ScrubbedCopy", output: Path) -> Iterator[str]:
    """Yield what was written and removed, what is missing, and what the copy still contains."""
    from auditor.har.scrub.copy import REMAINS

    what = "the text" if copy.entries is None else f"{copy.entries:,} entr{'y' if copy.entries == 1 else 'ies'}"
    yield f"wrote {what} to `{output}`"
    yield copy.removals.sentence()
    if copy.broken:
        yield f"not complete: {copy.broken}"
    for words in copy.left_out:
        yield f"not complete: {words}"
    yield "what is still in it, because support needs it:"
    for words in REMAINS:
        yield f"  {words}"
    yield "read it before you send it"
