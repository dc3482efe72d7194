"""The names of an option: its flag, its key in the configuration file, its environment variables."""

from collections.abc import Iterator

import click

NEVER_PRESET = frozenset({"help", "version", "yes", "config"})
"""Options that only the command line can set: a permanent default would not be a confirmation."""


def key_of(option: click.Option) -> str:
    """Return the key of an option in a configuration file: its long flag without the dashes."""
    return next((name for name in option.opts if name.startswith("--")), option.opts[-1]).lstrip("-")


def presettable(command: click.Command) -> Iterator[tuple[str, click.Option]]:
    """Yield the options of `command` that a file or a variable may set, with their keys."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and key_of(parameter) not in NEVER_PRESET:
            yield key_of(parameter), parameter


def variables_of(path: tuple[str, ...], key: str) -> tuple[str, str]:
    """Return the variables of an option, in order of precedence: for this command, and for all that have it."""
    return "_".join(("MIGAUDIT", *map(_variable_part, path), _variable_part(key))), f"MIGAUDIT_{_variable_part(key)}"


def add_variables(command: click.Command, path: tuple[str, ...]) -> None:
    """Let the environment set the options of `command` and of each command below it."""
    for key, option in presettable(command):
        option.envvar = list(variables_of(path, key))
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            add_variables(below, (*path, name))


def _variable_part(name: str) -> str:
    return name.replace("-", "_").upper()
