"""The bounds of a connection: how long requests may take and how large answers may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a connection; times in seconds.

    Attributes:
        attempt: one attempt at a request, including the body of its answer.
        request: a request with all its retries, from its first byte to the last byte of the answer.
        sign_in: a sign-in without a person.
        outage: time of identical failures of an endpoint after which no more requests are sent to it.
        answer: bytes of a decompressed answer; the largest ones of Azure have a few MiB.
    """

    attempt: float = 60.0
    request: float = 100.0
    sign_in: float = 60.0
    outage: float = 30.0
    answer: int = 64 * 1024 * 1024

    @property
    def values(self) -> int:
        """The number of JSON values an answer may hold, since decoding multiplies the memory that each one takes.

        Answers of Azure hold one value in about 40 bytes.
        """
        return self.answer // 32
