"""The command line of a run as it can be given again, to see more of the same result."""

import shlex
from collections.abc import Collection, Iterator
from typing import Any

import click
from click.core import ParameterSource

COMMAND = "migaudit"
OF_ONE_RUN = frozenset(("form", "output", "show", "fail_on", "strict", "all_verdicts", "docs_url", "resume", "max_age"))
"""Options that say what becomes of the result, by their names in Python."""


def repeated(context: click.Context, leaving_out: Collection[str], instead: Collection[str] = ()) -> str:
    """Return the command of `context` for a POSIX shell, with what was given on the command line alone.

    The options named in `leaving_out` (by their names in Python) are left out, as are those that only say how to print;
    `instead` are words in their place. Variables and configuration files hold for the next run by themselves.
    """
    names = context.command_path.split()[1:]
    words = [COMMAND, *names, *instead]
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and parameter.expose_value and name not in leaving_out:
            words += _words(parameter, context.params[name])
    return shlex.join(words)


def _words(parameter: click.Parameter, value: Any) -> Iterator[str]:
    """Yield what stands on the command line for the value of a parameter."""
    several = parameter.multiple if isinstance(parameter, click.Option) else parameter.nargs != 1
    for one in value if several else (value,):
        if isinstance(parameter, click.Option):
            option = max(parameter.opts, key=len)
            yield from (option,) if parameter.is_flag else (option, str(one))
        else:
            yield str(one)
