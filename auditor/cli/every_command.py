"""What all commands have in common: their help, and the refusal of empty values of options that take a text.

Prose in a help is wrapped at blanks, and the example of a command can be copied as it stands there.
"""

from collections.abc import Iterator
from typing import Any

import click

from auditor.cli.terminal import Terminal
from auditor.shells import CommandShell, command_lines

_EXAMPLE = "Example: "


class HelpText(click.HelpFormatter):
    """A help page that writes an example for the shell in use, on lines of its own."""

    shell = CommandShell.BASH

    def write_text(self, text: str) -> None:
        """Write a paragraph; one that begins with *Example:* is a command, which is cut only between its options."""
        if not text.startswith(_EXAMPLE):
            super().write_text(text)
            return
        blank = " " * self.current_indent
        self.write(f"{blank}{_EXAMPLE.rstrip()}\n")
        for line in command_lines(text.removeprefix(_EXAMPLE), self.shell, self.width - self.current_indent - 2):
            self.write(f"{blank}  {line}\n")


class HelpContext(click.Context):
    """The context of every command: its help is a `HelpText`."""

    formatter_class = HelpText

    def make_formatter(self) -> click.HelpFormatter:
        """Return a formatter for the shell that `--shell` names, or the one in use."""
        formatter = super().make_formatter()
        if isinstance(formatter, HelpText):
            formatter.shell = Terminal.of(self).command_shell
        return formatter


def write_own_help(command: click.Command) -> None:
    """Let `command` and each command below it write their help as `HelpText`; a context of its own stays."""
    for one in _with_those_below(command):
        if not issubclass(one.context_class, HelpContext):
            one.context_class = HelpContext


class _Text(click.types.StringParamType):
    """The type of an option that takes a text; an empty one, or one of blanks only, is an error of usage."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the text."""
        text = super().convert(value, param, ctx)
        if not text.strip():
            self.fail("it is empty; leave the option out, or name what you mean", param, ctx)
        return text


def refuse_empty_texts(command: click.Command) -> None:
    """Make `command` and each command below it refuse empty values of options that take a text."""
    for one in _with_those_below(command):
        for parameter in one.params:
            if isinstance(parameter, click.Option) and type(parameter.type) is click.types.StringParamType:
                parameter.type = _Text()


def _with_those_below(command: click.Command) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from _with_those_below(below)
