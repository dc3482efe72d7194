"""`migaudit config`: where the values of options come from."""

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from auditor.cli.config.option_names import presettable, variables_of
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import Terminal, to_stdout

SCHEMA = "migaudit/config/1"


@click.group(epilog="Example: migaudit config show scan")
def config() -> None:
    """Show where the values of options come from."""


@config.command(
    short_help="Show each value and where it came from.",
    epilog="Example: migaudit config show scan",
)
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def show(context: click.Context, words: tuple[str, ...], form: str) -> ExitCode:
    """Show the value of each option of COMMAND and its source: a variable, the file, or the default.

    Without COMMAND, show all values of all commands that are not the default.
    """
    from auditor.cli.config.configuration import META, configurable
    from auditor.nearest import no_such
    from auditor.report.json_text import json_text

    root = context.find_root()
    commands = configurable(context)
    chosen = {name: command for name, command in commands.items() if name[: len(words)] == words}
    if not chosen:
        raise UsageFailed(no_such("command", " ".join(words), (" ".join(name) for name in commands)))
    file = root.meta.get(META)
    rows = [row for name, command in chosen.items() for row in _rows(root, name, command, file)]
    if not words:
        rows = [row for row in rows if row["source"] != "default"]
    if form == "json":
        to_stdout([json_text({"schema": SCHEMA, "file": str(file) if file else None, "options": rows})])
    else:
        to_stdout([_text(rows, file, Terminal.of(context))])
    return ExitCode.CLEAN


def _rows(
    root: click.Context, name: tuple[str, ...], command: click.Command, file: Path | None
) -> Iterator[dict[str, Any]]:
    context = root
    for word in name:
        context = click.Context(command if word == name[-1] else click.Group(word), info_name=word, parent=context)
    for key, option in presettable(command):
        value, source = option.consume_value(context, {})
        if source is ParameterSource.DEFAULT:
            value = option.get_default(context)
        elif source is ParameterSource.ENVIRONMENT and option.is_flag:
            value = option.type.convert(value, option, context)
        yield {
            "command": " ".join(name),
            "option": key,
            "value": _plain(value),
            "source": _SOURCES.get(source, "default"),
            "where": _where(source, name, key, file),
        }


_SOURCES = {ParameterSource.ENVIRONMENT: "environment", ParameterSource.DEFAULT_MAP: "file"}


def _where(source: ParameterSource, name: tuple[str, ...], key: str, file: Path | None) -> str | None:
    if source is ParameterSource.ENVIRONMENT:
        return next(variable for variable in variables_of(name, key) if os.environ.get(variable))
    return str(file) if source is ParameterSource.DEFAULT_MAP else None


def _plain(value: Any) -> Any:
    """Return a value as plain JSON; None if the option has no value."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | int | float | str):
        return value
    return str(value) if isinstance(value, Path) else None


def _text(rows: list[dict[str, Any]], file: Path | None, terminal: Terminal) -> str:
    """Return the file, and for each command a row for each option: its value and where it came from."""
    from auditor.cli.table_style import page_style
    from auditor.report.terminal.page import Column, Page

    page = Page(page_style(terminal))
    page.line(f"file: {file or 'none found'}")
    if not rows:
        page.line("every option has its default")
    columns = (Column(whole=True), Column(wraps=True), Column(wraps=True))
    for command, held in groupby(rows, key=lambda row: str(row["command"])):
        page.gap()
        page.line((f"migaudit {command}", "bold"))
        cells = [
            (f"--{row['option']}", _shown(row["value"]), " ".join(filter(None, (row["source"], row["where"]))))
            for row in held
        ]
        page.table(columns, cells, indent=2)
    return page.text()


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None else str(value)
