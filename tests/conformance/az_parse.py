"""A check of commands by the Azure CLI itself, run by its own Python: argument lists on stdin, refusals on stdout.

The CLI parses each command with its own command table and is stopped before it would do anything.
"""

import contextlib
import io
import json
import sys
from typing import Any, NoReturn


class Parsed(BaseException):
    """The signal that the CLI understood a command and was about to run it."""


def stop(*_: Any, **__: Any) -> NoReturn:
    """Stop the CLI."""
    raise Parsed


def refusal(arguments: list[str]) -> str:
    """Return the CLI's objection to a command without its leading `az`; empty if the CLI would run it."""
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
    return said.getvalue().strip() or "refused without a message"


sys.stdout.write(json.dumps([refusal(arguments) for arguments in json.load(sys.stdin)]))
