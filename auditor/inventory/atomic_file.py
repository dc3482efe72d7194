"""Files that appear whole or not at all, readable by their owner alone."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content replaces `path` when the block ends well: temporary file (0600), fsync, rename.

    Where the block fails, `path` keeps what it held and nothing is left behind. Raises `OSError`.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:  # the draft must go whatever ended the block, Ctrl-C included
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def check_writable(path: Path) -> None:
    """Raise `OSError` unless a file could be written at `path` now; leaves nothing behind."""
    if path.is_dir():
        raise IsADirectoryError(f"`{path}` is a folder")
    probe = path.with_name(f".{path.name}.{secrets.token_hex(4)}.probe")
    os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    probe.unlink()


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot open folders; the rename is durable enough there
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
