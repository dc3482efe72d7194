"""What a run of the command came to."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Done:
    """The exit code and what was printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]
