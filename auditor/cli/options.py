"""The options that every command has: `--quiet`, `--verbose`, `--no-color`."""

import click

from auditor.cli.terminal import Terminal


def _quiet(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).quiet = True


def _verbose(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).verbose = True


def _no_color(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).no_color = True


_OPTIONS = (
    (("-q", "--quiet"), _quiet, "No progress, no notes: only the result."),
    (("-v", "--verbose"), _verbose, "Show the evidence, and what is being done."),
    (("--no-color",), _no_color, "No colour (NO_COLOR in the environment does the same)."),
)


def add_output_options(command: click.Command) -> None:
    """Give `command`, and each command below it, the options that it does not have yet."""
    taken = {name for parameter in command.params for name in parameter.opts}
    for names, callback, meaning in _OPTIONS:
        free = tuple(name for name in names if name not in taken)
        if names[-1] in free:
            command.params.append(
                click.Option(free, is_flag=True, expose_value=False, is_eager=True, callback=callback, help=meaning)
            )
    if isinstance(command, click.Group):
        for below in command.commands.values():
            add_output_options(below)
