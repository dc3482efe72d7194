"""What is recorded so far, as typed resources."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from auditor.collect.recording import Recording
from auditor.inventory.resources.resource import Resource

R = TypeVar("R", bound=Resource)


def typed(recording: Recording, kind: type[R]) -> Iterator[R]:
    """Yield the recorded resources of a kind; one that cannot be understood is told as a gap by whoever judges."""
    for body in recording.bodies(*kind.types):
        try:
            yield msgspec.convert(body, kind, strict=False)
        except msgspec.ValidationError:
            continue
