"""A lock file that allows one run per plan at a time; the system releases it however its holder ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from auditor.own_file import NotOurs, close_and_remove, identity, open_own, try_lock


class AlreadyRunning(Exception):
    """Another run holds the lock."""

    def __init__(self, path: Path, holder: str) -> None:
        who = f" (process {holder})" if holder else ""
        super().__init__(f"another run is working on this plan{who}; wait until it ends (`{path}`)")
        self.path = path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; raises `AlreadyRunning` at once if another run holds it.

    Raises `NotOurs` for anything at `path` other than an ordinary file of this user.
    """
    descriptor = _locked(path)
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        _release(path, descriptor)


def _locked(path: Path) -> int:
    while True:
        try:
            descriptor = open_own(path, os.O_RDWR, create=True)
        except FileNotFoundError:  # its holder removed it between two attempts
            if not path.parent.is_dir():
                raise
            continue
        locked = try_lock(descriptor)
        if locked and _still_at(path, descriptor):
            if _is_a_lock(descriptor):
                return descriptor
            os.close(descriptor)
            raise NotOurs(path, "a file that is not a lock")
        holder = _holder(descriptor)
        os.close(descriptor)
        if not locked:
            raise AlreadyRunning(path, holder)


def _release(path: Path, descriptor: int) -> None:
    """Close the lock file and remove it, if it is still the file at `path`; one that stays is of no harm."""
    try:
        is_there = _still_at(path, descriptor)
    except OSError:
        is_there = False
    if is_there:
        with suppress(OSError):
            close_and_remove(path, descriptor)
    else:
        os.close(descriptor)


def _is_a_lock(descriptor: int) -> bool:
    """Return whether a file is empty or contains a process id, as a lock file of an earlier run does."""
    held = os.read(descriptor, 40)
    return not held or (held.isdigit() and len(held) < 40)


def _holder(descriptor: int) -> str:
    with suppress(OSError):
        os.lseek(descriptor, 0, os.SEEK_SET)
        text = os.read(descriptor, 20).decode("ascii", "replace")
        return text if text.isdecimal() else ""
    return ""


def _still_at(path: Path, descriptor: int) -> bool:
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == identity(descriptor)
