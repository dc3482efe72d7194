"""Files that migaudit keeps between runs: opened so that no other file is ever written to, and locked."""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_OURS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class NotOurs(Exception):
    """A path that is not an ordinary file of this user, so it is not touched."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"`{path}` is {what}: nothing was done; check who put it there, and move it away")
        self.path = path


def open_own(path: Path, mode: int, *, create: bool = False) -> int:
    """Return a descriptor of the file at `path`; `create` makes a missing file, readable only by this user.

    No link is followed, and the call never blocks. Raises `NotOurs` for a link, a folder, a pipe, a device, a file of
    another user, and one with a second name; `FileNotFoundError`, `OSError`.
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
        raise NotOurs(path, "not an ordinary file")
    descriptor = os.open(path, flags)
    try:
        _check(path, os.fstat(descriptor))
    except NotOurs:
        os.close(descriptor)
        raise
    return descriptor


def identity(descriptor: int) -> tuple[int, int]:
    """Return the device and inode of an open file, which identify it whatever its path refers to now."""
    held = os.fstat(descriptor)
    return held.st_dev, held.st_ino


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotOurs(path, "not an ordinary file")
    if found.st_nlink > 1:
        raise NotOurs(path, "a file with a second name (hard link)")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise NotOurs(path, "a file of another user")


if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 0x7FFF_FFFE
    """Offset of the byte that is locked, behind any content: nobody else could read a byte that is locked."""

    def try_lock(descriptor: int) -> bool:
        """Lock an open file until it is closed; return whether no other process holds it."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

    def close_and_remove(path: Path, descriptor: int) -> None:
        """Close the locked file at `path` and remove it. Another run that has opened it meanwhile keeps it."""
        os.close(descriptor)  # before: an open file cannot be removed
        with suppress(PermissionError):
            path.unlink(missing_ok=True)

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Lock an open file until it is closed; return whether no other process holds it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close_and_remove(path: Path, descriptor: int) -> None:
        """Remove the locked file at `path` and close it, in this order: who waits for it then sees that it is gone."""
        try:
            path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)
