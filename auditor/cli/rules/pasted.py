"""The text of a command line that takes what somebody has in hand: words, a file, or stdin."""

import sys
from pathlib import Path

from auditor.cli.failures import UsageFailed

_OF_FILES = frozenset({".csv", ".eml", ".har", ".htm", ".html", ".json", ".log", ".md", ".txt", ".xml"})
"""Endings of a name that is one of a file, and of no host."""


def asked_text(what: tuple[str, ...]) -> str | None:
    """Return the text that the arguments mean; None without any.

    `-` is stdin. A single argument that is the name of a file is read, unless it is a plain word such as `proxy`.
    Raises `UsageFailed` for a file that cannot be read or does not exist, and for a text that is empty or too large.
    """
    if not what:
        return None
    if what == ("-",):
        return _checked(sys.stdin.buffer.read(_too_large()), "stdin")
    if len(what) == 1 and (path := _file(what[0])) is not None:
        try:
            with path.open("rb") as file:
                return _checked(file.read(_too_large()), f"`{path}`")
        except OSError as unreadable:
            raise UsageFailed(f"cannot read `{path}`: {unreadable.strerror}") from unreadable
    return " ".join(what).strip() or None


def _file(text: str) -> Path | None:
    if len(text) > 1_000 or not ("." in text or "/" in text or "\\" in text):
        return None
    path = Path(text)
    try:
        if path.is_file():
            return path
        is_folder, is_beside = path.is_dir(), path.parent.is_dir()
    except (OSError, ValueError):
        return None
    if is_folder:
        raise UsageFailed(f"`{path}` is a folder; give a file, or the text itself")
    is_sentence = path.parent == Path() and " " in text
    if is_beside and path.suffix.lower() in _OF_FILES and not is_sentence:
        raise UsageFailed(f"there is no file `{path}`; give a file that exists, or the text itself")
    return None


def _too_large() -> int:
    from auditor.audit.explain.pasted_text import LARGEST

    return LARGEST + 1


def _checked(data: bytes, place: str) -> str:
    from auditor.audit.explain.pasted_text import LARGEST, decoded

    if len(data) > LARGEST:
        raise UsageFailed(f"{place} is larger than {LARGEST // 1024 // 1024} MB; give the part with the error")
    text = decoded(data)
    if not text.strip("\0 \n\r\t\ufeff"):
        raise UsageFailed(f"{place} is empty")
    return text
