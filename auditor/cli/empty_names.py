"""The refusal of empty values: every option that takes a text means something by it, and an empty one means nothing."""

from typing import Any

import click


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
    for parameter in command.params:
        if isinstance(parameter, click.Option) and type(parameter.type) is click.types.StringParamType:
            parameter.type = _Text()
    if isinstance(command, click.Group):
        for below in command.commands.values():
            refuse_empty_texts(below)
