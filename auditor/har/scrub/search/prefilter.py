"""A fast look at a text that tells whether it can hold anything at all that the search by names and forms removes.

Most texts of a capture are names, ids and times, and most documents have no name that tells of a secret or a person.
The search itself costs ten to a hundred times as much.
"""

import re
from collections.abc import Callable

from auditor.har.scrub.encodings import base64_decoded, hex_decoded
from auditor.har.scrub.name_parts import words_of
from auditor.har.scrub.names import by_name, is_personal
from auditor.har.scrub.search.forms import without_opaque
from auditor.har.scrub.words import words

_BEGINNINGS = r"[<\\~\uff1a\x1b]|%[0-9A-Fa-f]{2}|&(?:#|[a-z]{2,8};)|@(?<=[^\s\"@]@)"
_SPECIAL = re.compile(rf"\{{|{_BEGINNINGS}")
_CHARACTERS = ("<", "\\", "~", "\x1b", "%", "&", "@")
_SPECIAL_IN_DOCUMENT = re.compile(_BEGINNINGS)
"""What begins an encoding, markup, a document, and what is in the middle of a mail address."""
_RARE = ("M.", "0.A", "1.A", "-----B", "x5c")
_OPTION = re.compile(r"[-/](?:r?[pP]w?|u)[ =:\t\"']|[-/]pass[\"']")
"""Forms that are no words."""
_FORMS = re.compile(
    r"(?i:(?:bearer|basic|pop|negotiate|ntlm|sharedkey(?:lite)?|sharedaccesssignature|msauth|dpop|digest|sha|googlelogin)$"
    r"|eyj|paqaba|dapi|passw|pkcs|devicelogin|deviceauth|hook|telegram|googleapis|ifttt|integration|isposition|appsettings|userdata|customdata|cloudinit"
    r"|sudo|stdin|openssl|mysql|contrase|aws|github|glpat|^xox|^gh[pousr]$|^(?:sk|npm|hvs|kty|pass|set|setx|setenv|net|mot"
    r"|app|device|cloud|custom|conn|connection|client|view|relay|session|card|credit|protected|kube|cert|certificate|raw"
    r"|one|login|flow|iban|template|issecret|private|identified|sqlplus|sqlldr|expdp|impdp|rman|oracle|invite|invitations?"
    r"|reset|activate|activation|verify|verification|confirm|magic|magiclink|redeem|unsubscribe|share|definition)$)|AKIA|ASIA|AIza"
)
"""Words of forms, and those that begin a name of a secret whose other words say nothing by themselves."""
_OF_SECRETS = words(
    """key keys encrypted secure sensitive secret secrets pass pw pwd token tokens cred creds sig sas pin otp pat psk
    signature auth authorization otc totp puk dsn cookie cookies bearer jwt"""
)
_OF_PEOPLE = words("user signedinuser loggedinuser userprincipalname username mail email upn surname givenname")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_LENGTH_OF_ID = 36
_RUN = re.compile(r"[A-Za-z0-9+/_=-]{8,}")
_WORD = re.compile(r"[A-Za-z]{2,}")
_LONGEST_PIECE = 300
_BY_CHANCE = 12
"""A run of up to this length is the base64 of a text by chance; what was found to be secret is known in base64 too."""
_MOST = 6_000
_words: set[str] = set()
_words_of_documents: set[str] = set()
_runs: set[str] = set()
"""Pieces of texts that were looked at and hold nothing."""


def is_innocent(text: str) -> bool:
    """Whether a text holds nothing that is removed for its names or forms, and nothing that is encoded."""
    is_special = "{" in text or (_may_be_special(text) and _SPECIAL.search(text))
    return not is_special and _has_nothing_special(text, _words, _is_clean_word)


def is_innocent_document(text: str) -> bool:
    """Whether JSON holds nothing of that either, nor a name of what is personal."""
    is_special = _may_be_special(text) and _SPECIAL_IN_DOCUMENT.search(text)
    return not is_special and _has_nothing_special(text, _words_of_documents, _is_clean_word_of_document)


def _may_be_special(text: str) -> bool:
    return not text.isascii() or any(map(text.__contains__, _CHARACTERS))


def _has_nothing_special(text: str, known: set[str], is_clean: Callable[[str], bool]) -> bool:
    if any(map(text.__contains__, _RARE)) or _OPTION.search(text):
        return False
    found = _WORD.findall(text)
    if not known.issuperset(found) and not _are_clean(found, known, is_clean):
        return False
    new = set(_RUN.findall(text)) - _runs
    return not new or _are_clean([piece for run in new for piece in _without_ids(run)], _runs, _is_clean_run)


def _without_ids(run: str) -> list[str]:
    return _RUN.findall(_GUID.sub("!", run)) if len(run) >= _LENGTH_OF_ID and "-" in run else [run]


def _are_clean(found: list[str], known: set[str], is_clean: Callable[[str], bool]) -> bool:
    """Whether those pieces that are not known are clean; those that are will be known."""
    if len(known) > _MOST:
        known.clear()
    for piece in found:
        if piece not in known:
            if not is_clean(piece):
                return False
            known.add(piece)
    return True


def _is_clean_word(word: str) -> bool:
    if len(word) > _LONGEST_PIECE or _FORMS.search(word) or by_name(word) is not None:
        return False
    return _OF_SECRETS.isdisjoint(words_of(word))


def _is_clean_word_of_document(word: str) -> bool:
    return word.lower() not in _OF_PEOPLE and is_personal(word) is None and _is_clean_word(word)


def _is_clean_run(run: str) -> bool:
    """Whether a run of base64 characters is neither the base64 or hex of a text nor a string that looks like chance."""
    if len(run) > _LONGEST_PIECE:
        return False
    decoded: list[str] = []

    def note(inside: str) -> str:
        if len(run) > _BY_CHANCE or _RUN.search(inside) or not is_innocent(inside):
            decoded.append(inside)
        return inside

    base64_decoded(run, note)
    hex_decoded(run, note)
    return not decoded and without_opaque(run, lambda *_: "") == run
