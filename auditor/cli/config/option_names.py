"""What an option is called: its flag, its key in a configuration file, its variables in the environment."""

from collections.abc import Iterator

import click

NEVER_PRESET = frozenset({"help", "version", "yes", "config"})
"""Options that are given on the command line each time: a confirmation that is set once is none."""


def key_of(option: click.Option) -> str:
    """Return the key of an option in a configuration file: its long flag without the dashes."""
    return next((name for name in option.opts if name.startswith("--")), option.opts[-1]).lstrip("-")


def presettable(command: click.Command) -> Iterator[tuple[str, click.Option]]:
    """Yield the options of `command` that a file or a variable may set, by key."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and key_of(parameter) not in NEVER_PRESET:
            yield key_of(parameter), parameter


def variables_of(path: tuple[str, ...], key: str) -> tuple[str, str]:
    """Return the variables of an option, the first wins: of this command alone, and of every command that has it."""
    return "_".join(("MIGAUDIT", *map(_spelt, path), _spelt(key))), f"MIGAUDIT_{_spelt(key)}"


def add_variables(command: click.Command, path: tuple[str, ...]) -> None:
    """Let the environment set the options of `command` and of each command below it."""
    for key, option in presettable(command):
        option.envvar = list(variables_of(path, key))
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            add_variables(below, (*path, name))


def _spelt(name: str) -> str:
    return name.replace("-", "_").upper()
