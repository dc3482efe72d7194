"""Windows as migaudit's modules would find it, in every Python that has the folder `start` on its path.

Only modules of `auditor` are shown it; the standard library and the packages stay those of this system.
What they import is a view of a module: without the names that Windows lacks, with those that only Windows has, and
with the behaviour that differs. Some behaviour is that of the whole process: a file that is open here can neither be
removed nor replaced, a folder cannot be opened, and an event loop has no handlers of signals.
"""

import asyncio
import builtins
import fcntl
import os
import signal
import socket
import stat
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

ABSENT = frozenset({"crypt", "curses", "fcntl", "grp", "nis", "posix", "pty", "pwd", "readline", "resource"})
ABSENT |= frozenset({"spwd", "syslog", "termios", "tty"})
"""Modules that Windows lacks."""

OS_LACKS = frozenset(
    ("chown", "chroot", "confstr", "ctermid", "fchdir", "fchmod", "fchown", "fork", "forkpty", "fpathconf",
     "fstatvfs", "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpgrp", "getpriority", "getresuid",
     "getsid", "getuid", "initgroups", "killpg", "lchown", "lockf", "mkfifo", "mknod", "nice", "openpty", "pathconf",
     "posix_fadvise", "posix_fallocate", "posix_spawn", "pread", "preadv", "pwrite", "pwritev", "sched_getaffinity",
     "sched_yield", "sendfile", "setegid", "seteuid", "setgid", "setpgid", "setpriority", "setsid", "setuid",
     "statvfs", "sync", "sysconf", "tcgetpgrp", "tcsetpgrp", "ttyname", "uname", "wait", "wait3", "wait4", "waitid",
     "O_CLOEXEC", "O_DIRECTORY", "O_DSYNC", "O_NDELAY", "O_NOATIME", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK",
     "O_PATH", "O_SYNC", "EX_OK", "WNOHANG")
)  # fmt: skip
SIGNAL_LACKS = frozenset(
    ("SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGPROF", "SIGQUIT", "SIGSTOP", "SIGTSTP",
     "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGWINCH", "alarm", "getitimer", "pause", "pthread_kill",
     "pthread_sigmask", "setitimer", "siginterrupt", "sigpending", "sigwait", "sigwaitinfo", "sigtimedwait",
     "SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK")
)  # fmt: skip
SOCKET_LACKS = frozenset({"AF_UNIX", "SO_REUSEPORT", "socketpair", "fromfd", "sendmsg_afalg"})
BREAK = signal.SIGTTIN
"""The signal that stands for Ctrl-Break here; it has its number on Windows."""

O_BINARY, O_NOINHERIT = 0x0800_0000, 0x1000_0000
"""Flags that Windows alone has; here with values that the system does not know, taken off again by `open`."""
LONGEST = 259
"""Characters of the longest path while long paths are not switched on."""
_WORLD_OPEN = os.open


class View(ModuleType):
    """A module without the names in `lacks`, and with those in `has`."""

    def __init__(self, real: ModuleType, lacks: frozenset[str], has: Mapping[str, object]) -> None:
        super().__init__(real.__name__)
        self.__dict__.update(_real=real, _lacks=lacks, _has=has)

    def __getattr__(self, name: str) -> object:
        """Return what Windows has under this name; raises `AttributeError` where it has nothing."""
        own = self.__dict__
        if name in own["_lacks"]:
            raise AttributeError(f"Windows has no `{own['_real'].__name__}.{name}`")
        return own["_has"][name] if name in own["_has"] else getattr(own["_real"], name)

    def __setattr__(self, name: str, value: object) -> None:
        """Set a name of the module itself, such as `sys.stdout`."""
        setattr(self.__dict__["_real"], name, value)


class _Descriptors:
    """Files as the run-time library of Windows opens them."""

    def __init__(self) -> None:
        self._text: set[int] = set()

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        """Open a file; in text mode unless it is asked for as binary."""
        if Path(path).is_dir() and not flags & os.O_EXCL:
            raise PermissionError(13, "Permission denied", str(path))
        if len(str(Path(path).absolute())) > LONGEST:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        descriptor = _WORLD_OPEN(path, flags & ~(O_BINARY | O_NOINHERIT), mode)
        (self._text.discard if flags & O_BINARY else self._text.add)(descriptor)
        return descriptor

    def fdopen(self, descriptor: int, *arguments: Any, **named: Any) -> Any:
        """Return the file object of a descriptor, which Python makes a binary one."""
        self._text.discard(descriptor)
        return os.fdopen(descriptor, *arguments, **named)

    def read(self, descriptor: int, size: int) -> bytes:
        """Read from a descriptor; in text mode that would drop carriage returns and end at Ctrl-Z."""
        assert descriptor not in self._text, "read in text mode: open it with O_BINARY"
        return os.read(descriptor, size)

    def write(self, descriptor: int, data: bytes) -> int:
        """Write to a descriptor; in text mode that would write carriage returns."""
        assert descriptor not in self._text, "written in text mode: open it with O_BINARY"
        return os.write(descriptor, data)

    @staticmethod
    def fsync(descriptor: int) -> None:
        """Write a file to the disk; one that is open for reading alone is refused."""
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(9, "Bad file descriptor")
        os.fsync(descriptor)


def _msvcrt() -> ModuleType:
    """Return a module with the lock of Windows: one byte, at the place where the descriptor is."""
    module = ModuleType("msvcrt")

    def locking(descriptor: int, _mode: int, count: int) -> None:
        of_the_open_file = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_CUR, 0, count, 0)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, of_the_open_file)
        except OSError as held:
            raise PermissionError(13, "Permission denied") from held

    module.__dict__.update(locking=locking, LK_NBLCK=2)
    return module


def _colorama() -> ModuleType:
    module = ModuleType("colorama")
    module.__dict__["just_fix_windows_console"] = lambda: sys.stdout.write("console fixed ")
    return module


def _views() -> dict[str, ModuleType]:
    files = _Descriptors()
    of_files = {name: getattr(files, name) for name in ("open", "fdopen", "read", "write", "fsync")}
    exclusive = {"SO_EXCLUSIVEADDRUSE": socket.SO_REUSEADDR, "SO_REUSEADDR": -1}
    return {
        "os": View(os, OS_LACKS, {"O_BINARY": O_BINARY, "O_NOINHERIT": O_NOINHERIT, "devnull": os.devnull, **of_files}),
        "sys": View(sys, frozenset({"getdlopenflags", "abiflags"}), {"platform": "win32"}),
        "signal": View(signal, SIGNAL_LACKS, {"SIGBREAK": BREAK, "CTRL_C_EVENT": 0, "CTRL_BREAK_EVENT": 1}),
        "socket": View(socket, SOCKET_LACKS, exclusive),
        "msvcrt": _msvcrt(),
        "colorama": _colorama(),
    }


def _is_open(path: Any) -> bool:
    """Return whether this process has the file at `path` open."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    if not stat.S_ISREG(found.st_mode):
        return False
    for entry in Path("/proc/self/fd").iterdir():
        try:
            held = os.fstat(int(entry.name))
        except OSError:
            continue
        if (held.st_dev, held.st_ino) == (found.st_dev, found.st_ino):
            return True
    return False


def _refusing_open_files(change: Callable[..., Any], touched: Sequence[int]) -> Callable[..., Any]:
    def changed(*paths: Any, **named: Any) -> Any:
        for number in touched:
            if not named and _is_open(paths[number]):
                raise PermissionError(13, "The process cannot access the file", str(paths[number]))
        return change(*paths, **named)

    return changed


def _no_handlers(*_arguments: object) -> NoReturn:
    raise NotImplementedError


def show_windows() -> None:
    """Show Windows to the modules of `auditor` that are imported from now on.

    `MIGAUDIT_TEST_CODE_PAGE` names the encoding of stdout and stderr, which then have the line ends of Windows too.
    """
    views = _views()
    real_import = builtins.__import__

    def importing(name: str, *arguments: Any, **named: Any) -> Any:
        first = name.partition(".")[0]
        importer = (arguments[0] if arguments else named.get("globals")) or {}
        if str(importer.get("__name__", "")).partition(".")[0] == "auditor":
            if first in ABSENT:
                raise ModuleNotFoundError(f"No module named '{first}'", name=first)
            if first in views and "." not in name:
                return views[first]
        return real_import(name, *arguments, **named)

    builtins.__import__ = importing
    if "MIGAUDIT_TEST_CODE_PAGE" in os.environ:
        for stream in (sys.stdout, sys.stderr):
            assert isinstance(stream, TextIOWrapper)
            stream.reconfigure(encoding=os.environ["MIGAUDIT_TEST_CODE_PAGE"], newline="\r\n")
    os.unlink = _refusing_open_files(os.unlink, (0,))
    os.remove = os.unlink
    os.replace = _refusing_open_files(os.replace, (0, 1))
    os.rename = _refusing_open_files(os.rename, (0, 1))
    asyncio.SelectorEventLoop.add_signal_handler = _no_handlers  # type: ignore[assignment, method-assign]  # as there
