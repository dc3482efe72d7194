"""What was removed: its kinds, the marker that stands in its place, and the count of each kind."""

import re
from collections import Counter
from enum import StrEnum

from auditor.har.scrub.encodings import decoded_base64
from auditor.har.scrub.mail_addresses import MailAddresses
from auditor.har.scrub.remembered import Remembered
from auditor.har.scrub.words import words


class Kind(StrEnum):
    """A kind of removed value; the words are part of the marker and of the JSON output."""

    COOKIE = "cookie"
    TOKEN = "token"  # noqa: S105 - the kind, not a token
    SIGNATURE = "signature"
    KEY = "key"
    PASSWORD = "password"  # noqa: S105 - the kind, not a password
    SECRET = "secret"  # noqa: S105 - the kind, not a secret
    CERTIFICATE = "certificate"
    PERSONAL_HEADER = "personal header"
    NAME = "personal name"
    ADDRESS = "network address"
    UNKNOWN_HEADER = "unknown header"
    UNKNOWN_FIELD = "unknown field"
    OPAQUE = "opaque string"
    BINARY = "binary body"
    SCRIPT = "script body"
    UNREADABLE = "unreadable text"


_PLURALS = {
    Kind.KEY: "keys",
    Kind.ADDRESS: "network addresses",
    Kind.BINARY: "binary bodies",
    Kind.SCRIPT: "script bodies",
    Kind.UNREADABLE: "unreadable texts",
}
MARKER = r"\[removed: [a-z ]{1,30}\]"
"""The pattern of a marker."""
_MARKED = re.compile(MARKER)
_BLANK = frozenset({"", "true", "false", "null", "none", "nil", "undefined"})


def marker(kind: Kind) -> str:
    """Return the text that stands in place of a removed value."""
    return f"[removed: {kind}]"


def has_nothing(value: str) -> bool:
    """Whether a value holds nothing to remove: it is empty, a word for nothing, or a marker."""
    return value.strip().lower() in _BLANK or bool(_MARKED.fullmatch(value))


class Removals:
    """The removed values of one run: their count by kind, the values to look for elsewhere, the replaced addresses.

    A run reads a file twice: the first pass fills `secrets` and `addresses`, the second one uses them. With
    `keeps_people`, names and addresses of persons stay.
    """

    def __init__(self, *, keeps_people: bool = False) -> None:
        self.keeps_people = keeps_people
        self.counts: Counter[Kind] = Counter()
        self.secrets: Remembered[Kind] = Remembered()
        self.addresses = MailAddresses()

    def remove(self, kind: Kind, value: str = "") -> str:
        """Count a removed value, remember it, and return its marker."""
        self.counts[kind] += 1
        if value and kind in _REMEMBERED:
            self.learn(kind, value)
        return marker(kind)

    def learn(self, kind: Kind, value: str) -> None:
        """Remember a secret, and those that it consists of: the cookies of a header, what follows a scheme."""
        self.secrets.learn(kind, value, is_certain=kind in _CERTAIN)
        if kind is Kind.COOKIE:
            for cookie in re.split(r";\s*|[\r\n]+", value):
                name, equals, held = cookie.partition("=")
                if equals and name.strip().lower() not in _ATTRIBUTES:
                    self.secrets.learn(kind, held, is_certain=False)
        elif kind is Kind.TOKEN and " " in value:
            scheme, _, credentials = value.partition(" ")
            if scheme.lower() == "basic" and (pair := decoded_base64(credentials.strip())) and b":" in pair:
                self.secrets.learn(Kind.PASSWORD, pair.decode("utf-8", "replace").partition(":")[2], is_certain=True)
            for one in re.split(r"[;,\s]+", value):
                self.secrets.learn(kind, one, is_certain=False)
        elif kind is Kind.PERSONAL_HEADER:
            for one in re.split(r"[,;]\s*", value):
                self.secrets.learn(kind, one, is_certain=False)

    def begin_again(self) -> None:
        """Begin the second pass."""
        self.counts.clear()
        self.addresses.count = 0
        self.secrets.prepare()

    def sentence(self) -> str:
        """Return kinds and counts, such as `removed: 12 cookies, 1 password; replaced: 2 mail addresses`."""
        removed = ", ".join(_counted(kind, self.counts[kind]) for kind in Kind if self.counts[kind])
        parts = [f"removed: {removed or 'nothing'}"]
        if count := self.addresses.count:
            different = len(self.addresses.pseudonyms)
            parts.append(
                f"replaced: {count:,} mail address{'es' if count > 1 else ''} of {different:,} account"
                f"{'s' if different != 1 else ''}"
            )
        return "; ".join(parts)


_CERTAIN = frozenset({Kind.PASSWORD, Kind.SECRET, Kind.KEY, Kind.SIGNATURE})
"""Kinds whose values are looked for elsewhere even if they look like an id or a word."""
_ATTRIBUTES = words("path domain expires samesite max-age priority")
_REMEMBERED = _CERTAIN | {Kind.TOKEN, Kind.COOKIE, Kind.PERSONAL_HEADER, Kind.NAME}


def _counted(kind: Kind, count: int) -> str:
    return f"{count:,} {kind if count == 1 else _PLURALS.get(kind, f'{kind}s')}"
