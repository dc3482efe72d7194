"""How long one thing asked of Azure may take, and how large an answer may get."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a connection; times in seconds.

    Attributes:
        attempt: one attempt of a request, body included.
        request: a request with all its repetitions, from its first byte to the last one of the answer.
        sign_in: signing in without a person.
        outage: every attempt at an endpoint failing in the same way; after that nothing more is asked of it.
        answer: bytes of an answer once it is decompressed; the largest that Azure sends come to a few MiB.
    """

    attempt: float = 60.0
    request: float = 100.0
    sign_in: float = 60.0
    outage: float = 30.0
    answer: int = 64 * 1024 * 1024

    @property
    def values(self) -> int:
        """Objects, lists and further items of an answer: each takes many times its bytes once it is decoded.

        Answers of Azure hold one in about 40 bytes, and are far smaller.
        """
        return self.answer // 32
