"""The only place that turns an exception into a message and an exit code."""

import errno
import re
import sys
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import TypeGuard

import click

from auditor.cli.exit_codes import ExitCode


class CommandFailed(Exception):
    """A command cannot go on; `text` says what failed, where, and what to do."""

    def __init__(self, code: ExitCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class UsageFailed(CommandFailed):
    """What the user asked for cannot be done as asked."""

    def __init__(self, text: str) -> None:
        super().__init__(ExitCode.USAGE, text)


_USAGE = (
    "auditor.audit.yaml_source:BadRule",
    "auditor.azure.errors:UnknownCloud",
    "auditor.collect.request:BadRequest",
    "auditor.inventory.arm_id:MalformedArmId",
    "auditor.inventory.files:BadSnapshot",
)
_UNREADABLE = ("auditor.azure.errors:SignInFailed", "auditor.azure.errors:ReadFailed")
_SCOPE = ("auditor.collect.request:UnknownScope",)
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EBADF})
_MAY_EXIST = (
    "if the name is right, the account may not read it: give it the role `Reader` there, or at the least "
    "Microsoft.Resources/subscriptions/read"
)
_SECRET = re.compile(r"eyJ[\w-]{10,}(\.[\w-]*){0,2}|(?<![\w/-])[\w+/~.-]{40,}={0,2}|(?i:secret|password|token|key)=\S+")


def describe(failure: BaseException) -> tuple[ExitCode, str]:
    """Return the exit code of `failure` and the text that tells the user what to do about it."""
    if isinstance(failure, CommandFailed):
        return failure.code, failure.text
    if isinstance(failure, click.ClickException):
        return ExitCode.USAGE, _usage(failure)
    if getattr(failure.__cause__, "status", None) == 403 and _is_one_of(failure, _SCOPE):
        return ExitCode.UNREADABLE, f"{failure}\n{_MAY_EXIST}"
    if _is_one_of(failure, _USAGE):
        return ExitCode.USAGE, str(failure)
    if _is_one_of(failure, _UNREADABLE):
        return ExitCode.UNREADABLE, str(failure)
    if is_unwritable(failure):
        return ExitCode.USAGE, f"cannot write {_place(failure)}: {(failure.strerror or str(failure)).lower()}"
    return ExitCode.INTERNAL, _internal(failure)


def is_unwritable(failure: BaseException) -> TypeGuard[OSError]:
    """Say whether the system took no more output: a full or read-only disk, a closed stream."""
    return isinstance(failure, OSError) and failure.errno in _UNWRITABLE


def _place(failure: OSError) -> str:
    return f"`{failure.filename}`" if failure.filename else "the output"


def _usage(failure: click.ClickException) -> str:
    context = getattr(failure, "ctx", None)
    text = failure.format_message()
    text = text[:1].lower() + text[1:].rstrip(".")
    return f"{text}\nsee `{context.command_path} --help`" if context is not None else text


def _is_one_of(failure: BaseException, names: tuple[str, ...]) -> bool:
    """Say whether `failure` is of a class in `names`; only loaded modules can have raised it, so none is imported."""
    for name in names:
        module, _, attribute = name.partition(":")
        if module in sys.modules:
            known = getattr(import_module(module), attribute, None)
            if known is not None and isinstance(failure, known):
                return True
    return False


def _internal(failure: BaseException) -> str:
    """Name a defect by its kind and place; its message may quote the environment, so it stays out."""
    frames = extract_tb(failure.__traceback__)
    place = f" in {_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return (
        f"internal error: {type(failure).__name__}{place}\n"
        "this is a defect of migaudit, not of your environment, and no verdict was reached\n"
        "please report it with the command you ran and the output of the same command with `--verbose`"
    )


def trail(failure: BaseException) -> str:
    """Return where `failure` came from, frame by frame, with its message; what looks like a secret is removed."""
    frames = [f"  {_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in extract_tb(failure.__traceback__)]
    return "\n".join([*frames, f"  {type(failure).__name__}: {_SECRET.sub('<removed>', str(failure))}"])


def _short(filename: str) -> str:
    """Return the part of a source path that says which module it is, without the machine's folders."""
    parts = Path(filename).parts
    for root in ("auditor", "site-packages"):
        if root in parts:
            start = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[start:] if root == "auditor" else parts[start + 1 :])
    return parts[-1] if parts else filename
