"""Exceptions as messages and exit codes; no other module does this."""

import errno
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import TypeGuard

import click

from auditor.cli.cures import cure_of
from auditor.cli.exit_codes import ExitCode
from auditor.files import why


class CommandFailed(Exception):
    """Failure of a command; `text` says what failed, where, and what to do."""

    def __init__(self, code: ExitCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class UsageFailed(CommandFailed):
    """Failure because of what the user asked for."""

    def __init__(self, text: str) -> None:
        super().__init__(ExitCode.USAGE, text)


class Aside(str):
    """A note of our own on an exception (`add_note`); only such notes are shown to the user."""

    __slots__ = ()


TOO_MANY_OPEN = "too many open files: raise the limit (`ulimit -n`) or lower `--concurrency`"
NO_TEMPORARY_FOLDER = (
    "no folder for temporary files can be written to: name one with TMPDIR (TEMP on Windows); in a container that is "
    "read-only, mount one with `--tmpfs /tmp`"
)
_USAGE = (
    "auditor.audit.rules.mistakes:BadRule",
    "auditor.azure.errors:UnknownCloud",
    "auditor.collect.request:BadRequest",
    "auditor.extras:ExtraMissing",
    "auditor.fleet.variables:VariablesMissing",
    "auditor.har.capture:BadCapture",
    "auditor.inventory.arm_id:MalformedArmId",
    "auditor.inventory.snapshot.files:BadSnapshot",
)
_UNREADABLE = ("auditor.azure.errors:SignInFailed", "auditor.azure.errors:ReadFailed")
_ADVISED = ("auditor.azure.errors:Unreachable", "auditor.azure.errors:SignInFailed")
_SCOPE = ("auditor.collect.request:UnknownScope",)
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EBADF})
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE})
_MAY_EXIST = (
    "if the name is right, the account may not read it: give it the role `Reader` there, or at least "
    "Microsoft.Resources/subscriptions/read"
)


def describe(failure: BaseException) -> tuple[ExitCode, str]:
    """Return the exit code of `failure` and the message for the user, which says what to do about it."""
    code, text = _described(failure)
    asides = [note for note in getattr(failure, "__notes__", ()) if isinstance(note, Aside)]
    return code, "\n".join((text, *asides))


def _described(failure: BaseException) -> tuple[ExitCode, str]:
    if isinstance(failure, CommandFailed):
        return failure.code, failure.text
    if isinstance(failure, click.ClickException):
        return ExitCode.USAGE, _usage(failure)
    if (described := _refused_by_the_system(failure)) is not None:
        return described
    if getattr(failure.__cause__, "status", None) == 403 and _is_one_of(failure, _SCOPE):
        return ExitCode.UNREADABLE, f"{failure}\n{_MAY_EXIST}"
    if _is_one_of(failure, _USAGE):
        return ExitCode.USAGE, str(failure)
    if _is_one_of(failure, _UNREADABLE):
        cure = "" if _is_one_of(failure, _ADVISED) else cure_of(getattr(failure, "status", 0))
        return ExitCode.UNREADABLE, f"{failure}\n{cure}" if cure else str(failure)
    return ExitCode.INTERNAL, _internal(failure)


def _refused_by_the_system(failure: BaseException) -> tuple[ExitCode, str] | None:
    """Return the code and message if the operating system refused something; otherwise None."""
    if any(isinstance(one, OSError) and one.errno in _EXHAUSTED for one in _causes(failure)):
        return ExitCode.UNREADABLE, TOO_MANY_OPEN
    if isinstance(failure, FileNotFoundError) and _working_folder_is_gone():
        return ExitCode.USAGE, "the folder that the command was started in no longer exists: start it in another one"
    if isinstance(failure, FileNotFoundError) and lacks_temporary_folder():
        return ExitCode.USAGE, NO_TEMPORARY_FOLDER
    if is_unwritable(failure):
        return ExitCode.USAGE, f"cannot write {_place(failure)}: {why(failure)}"
    return None


def _working_folder_is_gone() -> bool:
    """Return whether the working folder was deleted, so that no relative file name can be resolved."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def lacks_temporary_folder() -> bool:
    """Return whether no folder for temporary files can be written to."""
    from tempfile import gettempdir

    try:
        gettempdir()
    except FileNotFoundError:
        return True
    return False


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """Yield the failure and its causes, the latest first."""
    known: set[int] = set()
    due: list[BaseException | None] = [failure]
    while due:
        one = due.pop()
        if one is not None and id(one) not in known:
            known.add(id(one))
            yield one
            due += [one.__context__, one.__cause__]


def is_unwritable(failure: BaseException | None) -> TypeGuard[OSError]:
    """Return whether output could not be written: a full or read-only disk, a closed stream."""
    return isinstance(failure, OSError) and failure.errno in _UNWRITABLE


def _place(failure: OSError) -> str:
    return f"`{failure.filename}`" if failure.filename else "the output"


def _usage(failure: click.ClickException) -> str:
    context = getattr(failure, "ctx", None)
    text = failure.format_message().replace("\n\t", " ")  # click lists choices on indented lines
    text = text[:1].lower() + text[1:].rstrip(".")
    return f"{text}\nsee `{context.command_path} --help`" if context is not None else text


def _is_one_of(failure: BaseException, names: tuple[str, ...]) -> bool:
    """Return whether `failure` is of a class in `names`.

    Only a module that is loaded can have raised it, so none is imported.
    """
    for name in names:
        module, _, attribute = name.partition(":")
        if module in sys.modules:
            known = getattr(import_module(module), attribute, None)
            if known is not None and isinstance(failure, known):
                return True
    return False


def _internal(failure: BaseException) -> str:
    """Return the message for a defect: its class and place, but not its own text, which may quote the environment."""
    frames = extract_tb(failure.__traceback__)
    place = f" in {_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return (
        f"internal error: {type(failure).__name__}{place}\n"
        "this is a defect of migaudit, not of your environment, and no verdict was reached\n"
        "please report it with the command you ran and the output of the same command with `--verbose`, after removing "
        "the names in your environment"
    )


def trail(failure: BaseException) -> str:
    """Return the stack frames of `failure` and its causes, without their messages, which may quote the environment."""
    return "\n".join(line for one in reversed([*_causes(failure)]) for line in _frames(one))


def _frames(failure: BaseException) -> Iterator[str]:
    for frame in extract_tb(failure.__traceback__):
        yield f"  {_short(frame.filename)}:{frame.lineno} {frame.name}"
    yield f"  {type(failure).__name__}"


def _short(filename: str) -> str:
    """Return the part of a source path that identifies the module, without the machine's folders."""
    parts = Path(filename).parts
    roots = [number for number, part in enumerate(parts) if part in {"auditor", "site-packages"}]
    if not roots:
        return parts[-1] if parts else filename
    last = roots[-1]
    return "/".join(parts[last + (parts[last] == "site-packages") :])
