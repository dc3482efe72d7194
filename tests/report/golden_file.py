"""Golden files: `GOLDEN=write` makes them anew."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check_golden(name: str, text: str) -> None:
    """Compare byte by byte with what is kept."""
    file = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        file.write_bytes(text.encode())
    assert text.encode() == file.read_bytes()
