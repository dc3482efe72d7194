"""Run by the Azure CLI's own Python: tells what the CLI dislikes of each command on stdin, a list of argument lists.

The CLI reads each command as ever, with its own table of commands, and is stopped before it would do anything.
"""

import contextlib
import io
import json
import sys
from typing import Any, NoReturn


class Parsed(BaseException):
    """The CLI understood a command and was about to run it."""


def stop(*_: Any, **__: Any) -> NoReturn:
    """Stop the CLI."""
    raise Parsed


def refusal(arguments: list[str]) -> str:
    """Return what the CLI says against a command, without the leading `az`; empty where it would run it."""
    from azure.cli.core import get_default_cli
    from knack.events import EVENT_INVOKER_POST_PARSE_ARGS

    cli = get_default_cli()
    cli.register_event(EVENT_INVOKER_POST_PARSE_ARGS, stop)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            cli.invoke(arguments)
    except Parsed:
        return ""
    except SystemExit:
        pass
    return said.getvalue().strip() or "refused without a word"


sys.stdout.write(json.dumps([refusal(arguments) for arguments in json.load(sys.stdin)]))
