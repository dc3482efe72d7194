"""Files that stand beside a plan and are ours alone: opened so that nobody else's file is ever written to."""

import os
import stat
from pathlib import Path

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_OURS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class NotOurs(Exception):
    """What stands at a path is no ordinary file of ours, so it is left alone."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"`{path}` is {what}: nothing was done; look who put it there, and move it away")
        self.path = path


def open_own(path: Path, mode: int, *, create: bool = False) -> int:
    """Return a descriptor of the file at `path`; with `create` it is made where nothing stands, readable by us alone.

    No link is followed, and nothing is waited for. Raises `NotOurs` for a link, a folder, a pipe, a device, a file of
    somebody else, and one that has a second name; `FileNotFoundError`, `OSError`.
    """
    flags = mode | _NO_FOLLOW | _NO_WAIT | _OURS
    if create:
        try:
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
    if path.is_symlink():
        raise NotOurs(path, "a link")
    if path.exists() and not path.is_file():
        raise NotOurs(path, "no ordinary file")
    descriptor = os.open(path, flags)
    try:
        _check(path, os.fstat(descriptor))
    except NotOurs:
        os.close(descriptor)
        raise
    return descriptor


def identity(descriptor: int) -> tuple[int, int]:
    """Return what tells an open file from every other one, whatever its name leads to by now."""
    held = os.fstat(descriptor)
    return held.st_dev, held.st_ino


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotOurs(path, "no ordinary file")
    if found.st_nlink > 1:
        raise NotOurs(path, "a file that has another name too")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise NotOurs(path, "a file of somebody else")
