"""What is secret by its form, wherever it stands: tokens, keys, signatures, and long strings that nobody can judge."""

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from auditor.har.scrub.encodings import decoded_base64, text_of, unquoted
from auditor.har.scrub.names import is_plain, is_token_like
from auditor.har.scrub.removals import MARKER, Kind

Remove = Callable[[Kind, str], str]

_FORMS: tuple[tuple[Kind, re.Pattern[str], str], ...] = (
    (Kind.TOKEN, re.compile(r"(?<![A-Za-z0-9])eyJ[\w-]{6,}={0,2}(?:\.[\w-]*={0,2}){1,4}"), "eyJ"),
    (Kind.TOKEN, re.compile(r"(?<![\w.-])[01]\.A[\w-]{20,}(?:\.[\w.-]+)?"), ".A"),
    (Kind.TOKEN, re.compile(r"(?<![\w.-])M\.[A-Z]\w{1,8}_\w{1,6}\.[\w.!*$-]{20,}"), "M."),
    (Kind.TOKEN, re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[a-z]-|sk-|npm_|hvs\.|dapi)[\w-]{20,}"), ""),
    (Kind.TOKEN, re.compile(r"(?<![\w.-])PAQABA[\w-]{20,}"), "PAQABA"),
    (Kind.KEY, re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}"), "A"),
    (Kind.SECRET, re.compile(r"[\w~.-]{3}\dQ~[\w~.-]{31,40}"), "Q~"),
)
"""Kind, pattern, and a part without which there is no match. The secret of an application has `8Q~` inside."""
_PEM = re.compile(
    r"-----BEGIN (?P<what>[A-Z0-9 ]{1,40})-----(?:(?!-----)[\s\S])*+(?:-----END [A-Z0-9 ]{1,40}-----|(?=-----)|\Z)"
)
_PUTTY = re.compile(r"(Private-Lines: \d{1,4}\r?\n)((?:[A-Za-z0-9+/=]+\r?\n)+(?:Private-(?:MAC|Hash): \w+\r?\n?)?)")
_WEBHOOK = re.compile(
    r"(?i)(?P<before>hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/webhooks/\d+/"
    r"|webhook\.office(?:365)?\.com/webhookb?\d?/|outlook\.office(?:365)?\.com/webhook/|api\.telegram\.org/(?:file/)?bot"
    r"|hooks\.zapier\.com/hooks/catch/|maker\.ifttt\.com/trigger/[^/\s]+/with/key/|chat\.googleapis\.com/v1/spaces/"
    r"|events\.pagerduty\.com/integration/|alert\.victorops\.com/integrations/|/IncomingWebhook/)(?P<value>[^\s\"'<>?#\\]{6,})"
)
"""Addresses that whoever knows them can post to."""
_PATH = re.compile(
    r"(?i)(?P<before>/(?:token|jwt|sig|sas|invite|invitations?|(?:password-?)?reset(?:-?password)?|activate|activation|verify"
    r"|verification|confirm|magic(?:-?link)?|redeem|unsubscribe|share|(?:web-?)?hooks?)/)(?P<value>[\w.~=-]{8,})"
)
"""What follows in a path after a word of a link that was sent to somebody, or of an address to post to."""
_SHORTEST_CODE = 8
_RESOURCE = re.compile(r"(?i)/providers/[\w.]+/[^\s\"'<>?#]*\Z")
"""The part of a resource's id before a match: `webhooks` and `share` are types of resources there, with names."""
_SCHEME = re.compile(
    r"(?P<scheme>Bearer|Basic|PoP|Negotiate|NTLM|SharedKey(?:Lite)?|SharedAccessSignature|MSAuth1\.0|DPoP|Digest"
    r"|AWS4-HMAC-SHA256|GoogleLogin)(?P<gap>[\s+]+)(?P<value>[\w.~+/=:%-]{8,})",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"(?<=://)(?P<who>[^/\s@\"'<>?#\\]{1,512})@")
_LOGIN = re.compile(
    r"(?<!\S)(?P<option>-u|--user|--proxy-user)(?P<gap>[ =]+)(?P<quote>['\"]?)(?P<value>[^\s'\"]+:[^\s'\"]+)"
)
_SECURE_STRING = re.compile(
    rf"(?i)(?P<before>ConvertTo-SecureString\s+(?:-String\s+)?)(?P<quote>['\"]?)"
    rf"(?P<value>{MARKER}|(?<=['\"])[^'\"]+|(?!-)[^\s'\"$()]+)"
)
EMPHASIS = (
    r"(?:<(?:b|strong|i|em|u|code|pre|tt|kbd|samp|span|font|mark|big|p|div|br)(?:\s[^<>]{0,200})?/?>\s{0,20}){0,4}"
)
"""The tags with which a page or a mail begins a value that it shows."""
HIDDEN_USER = "removed"
"""What stands before the @ of an address in place of a user and password."""


def without_forms(text: str, remove: Remove) -> str:
    """Return a text with everything removed that is secret by its form; `remove` gives what to put in its place."""
    if "-----BEGIN" in text:
        text = _PEM.sub(lambda found: remove(_of_pem(found["what"]), found[0]), text)
    if "Private-Lines" in text:
        text = _PUTTY.sub(lambda found: found[1] + remove(Kind.KEY, found[2]) + "\n", text)
    for kind, pattern, part in _FORMS:
        if part in text:
            text = pattern.sub(lambda found, kind=kind: remove(kind, found[0]), text)  # type: ignore[misc]
    text = _PATH.sub(lambda found: _of_path(found, remove), text)
    if "hook" in text or "telegram" in text or "googleapis" in text or "integration" in text or "ifttt" in text:
        text = _WEBHOOK.sub(lambda found: _webhook(found, remove), text)
    text = _SCHEME.sub(lambda found: _after_scheme(found, remove), text)
    if "://" in text and "@" in text:
        text = _USER_INFO.sub(lambda found: _user_info(found, remove), text)
    text = _LOGIN.sub(
        lambda found: f"{found['option']}{found['gap']}{found['quote']}{remove(Kind.PASSWORD, found['value'])}", text
    )
    if "ecure" in text:
        text = _SECURE_STRING.sub(
            lambda found: (
                f"{found['before']}{found['quote']}{remove(Kind.PASSWORD, found['value'])}"
                if not re.fullmatch(MARKER, found["value"])
                else found[0]
            ),
            text,
        )
    return text


def path_without_tokens(path: str, host: str, remove: Remove) -> str:
    """Return the path of an address without what only its words, or its host, tell to be secret."""
    whole = _WEBHOOK.sub(lambda found: _webhook(found, remove), host + path)
    path = whole.removeprefix(host)
    return _PATH.sub(lambda found: _of_path(found, remove), path)


def _of_path(found: re.Match[str], remove: Remove) -> str:
    value = found["value"]
    is_secret = (
        is_token_like(value, _SHORTEST_CODE)
        and not _GUID.search(value)
        and not _RESOURCE.search(found.string, 0, found.start())
    )
    return f"{found['before']}{remove(Kind.TOKEN, value)}" if is_secret else found[0]


def _webhook(found: re.Match[str], remove: Remove) -> str:
    value = found["value"]
    return found[0] if "[removed" in unquoted(value) else f"{found['before']}{remove(Kind.TOKEN, value)}"


def _of_pem(what: str) -> Kind:
    return Kind.CERTIFICATE if "CERTIFICATE" in what else Kind.KEY


def _after_scheme(found: re.Match[str], remove: Remove) -> str:
    """Return a scheme of authentication with its value removed, if that is no word, as in `Bearer authentication`."""
    value = found["value"]
    if found["scheme"].lower() == "basic":
        return _basic(found, remove)
    if (not any(map(str.isdigit, value)) and is_plain(value.rstrip(".,:"))) or re.fullmatch(r"\w+=", value):
        return found[0]  # a word, or a parameter of a challenge
    return f"{found['scheme']}{found['gap']}{remove(Kind.TOKEN, value)}"


def _basic(found: re.Match[str], remove: Remove) -> str:
    """Return `Basic` with its credentials removed, if those that follow are base64 of `user:password`."""
    whole = re.match(r"[A-Za-z0-9+/_-]+={0,2}", found["value"])
    run = whole[0] if whole else ""
    for value in (run, run.partition("/")[0]):
        decoded = decoded_base64(value)
        if decoded is not None and b":" in decoded:
            remove_password(decoded, remove)
            return f"{found['scheme']}{found['gap']}{remove(Kind.PASSWORD, value)}{found['value'][len(value) :]}"
    return found[0]


def remove_password(pair: bytes, remove: Remove) -> None:
    """Remember the password of `user:password`."""
    remove(Kind.PASSWORD, pair.decode("utf-8", "replace").partition(":")[2])


def _user_info(found: re.Match[str], remove: Remove) -> str:
    who = found["who"]
    if who == HIDDEN_USER:
        return found[0]
    remove(Kind.PASSWORD, who.partition(":")[2] or who)
    return f"{HIDDEN_USER}@"


_RUN = re.compile(r"[A-Za-z0-9+/_=-]{28,}")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_PIECE_OF_NAME = re.compile(r"[A-Z]{1,4}(?![a-z])|[A-Z]?[a-z]+|[A-Z]+")
_SEGMENT = re.compile(r"[A-Za-z0-9_-]{4,60}")
_LONG_WORD = 8
SHORTEST_OPAQUE = 28
"""Names of resources that Azure generates have up to 24 characters, and signatures and keys 40 and more."""
_LONGEST_HEX = 47
"""Hex of 32 and 40 digits are ids of traces and thumbprints of certificates, which support needs."""
_IDS = re.compile(
    rf"{_GUID.pattern}|(?<![0-9a-zA-Z])[0-9a-fA-F]{{32,{_LONGEST_HEX}}}(?![0-9a-zA-Z])|WebKitFormBoundary"
)
_KEY = re.compile(r"(?=[^=]*\d)[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==|(?:\d{6}-){7}\d{6}")
"""Base64 of 32 and 64 bytes, as keys of Azure are written, and the recovery key of a disk (BitLocker)."""
_AVERAGE = 3.0
_AVERAGE_OF_PADDED = 3.8
_AVERAGE_OF_CAPITALS = 4.0
_AVERAGE_OF_PATHS = 2.4
_LONG_PIECE = 8
"""Average length of the pieces (a word, a number) below which a string is chance: that of base64 is 1.9, of base36 2.5,
of base32 3.2. A path has words between its slashes, so its average says less; no path ends with padding."""


def without_opaque(text: str, remove: Remove) -> str:
    """Return a text without long strings that look like chance, of which nobody can say that they are no secret."""
    return _RUN.sub(lambda found: _judged(found[0], remove), text)


def _judged(run: str, remove: Remove) -> str:
    segments = run.split("/")
    if len(segments) > 1 and "+" not in run and "=" not in run and _is_path(segments):
        return "/".join(_path_judged(segments, remove))
    if "=" not in run.rstrip("=") and _is_removed(run):
        return remove(Kind.OPAQUE, run)
    if "/" in run or "=" in run:
        pieces = re.split("([/=])", run)
        return "".join(remove(Kind.OPAQUE, piece) if _is_removed(piece) else piece for piece in pieces)
    return run


def _is_path(segments: list[str]) -> bool:
    """Whether a run is a path: it has segments that are words or ids, which base64 has none of between its slashes."""
    plain = [len(segment) for segment in segments if _says_something(segment)]
    return len(plain) > 1 or any(length >= _LONG_WORD for length in plain)


def _says_something(segment: str) -> bool:
    """Whether a segment is an id, or a name of words, such as `resourceGroups` and `rg-migrate-3`."""
    if _GUID.fullmatch(segment):
        return True
    words = _PIECE_OF_NAME.findall(segment) if _SEGMENT.fullmatch(segment) else []
    letters = sum(map(len, words))
    return letters >= max(4, 3.5 * len(words)) and letters * 2 > len(segment)


def _path_judged(segments: list[str], remove: Remove) -> Iterator[str]:
    """Yield the segments of a path; those in a row that are no words are judged as one, since base64 has slashes."""
    for says_something, group in groupby(segments, _says_something):
        held = list(group)
        if says_something:
            yield from held
        elif _is_removed("/".join(held)):
            yield remove(Kind.OPAQUE, "/".join(held))
        else:
            yield from (remove(Kind.OPAQUE, one) if _is_removed(one) else one for one in held)


def _is_removed(run: str) -> bool:
    """Whether a run is chance, and not the base64 of a text, which was scrubbed as what it is."""
    if not is_opaque(run):
        return False
    decoded = decoded_base64(run)
    return decoded is None or text_of(decoded) is None


def is_opaque(run: str) -> bool:
    """Whether a run of base64 characters looks like chance rather than like words, ids, dates or a path."""
    if _KEY.fullmatch(run):
        return True
    rest = _IDS.sub("", run).strip("=-_")
    if len(rest) < SHORTEST_OPAQUE or rest.isdigit():
        return False
    if re.fullmatch(r"[0-9a-fA-F]+", rest):
        return len(rest) > _LONGEST_HEX
    separators = sum(map(rest.count, "-_/+="))
    pieces = _PIECE.findall(rest)
    if not pieces:
        return False
    average = (len(rest) - separators) / len(pieces)
    if run.endswith("="):
        return average < _AVERAGE_OF_PADDED
    if separators * 8 > len(rest):
        return False
    if "/" in rest and max(map(len, pieces)) >= _LONG_PIECE:
        return average < _AVERAGE_OF_PATHS
    return average < (_AVERAGE if any(map(str.islower, rest)) else _AVERAGE_OF_CAPITALS)
