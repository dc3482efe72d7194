"""A fast look at a text that tells whether it can hold anything at all that the search by names and forms removes.

Most texts of a capture are names, ids and times. The search itself costs a hundred times as much.
"""

import re
from collections.abc import Callable

from auditor.har.scrub.encodings import base64_decoded, hex_decoded
from auditor.har.scrub.forms import without_opaque
from auditor.har.scrub.words import words

_SPECIAL = re.compile(
    r"[&%<\\@{~\uff1a\x1b]|M(?<![\w.-]M)\.[A-Z]|[01]\.A|-(?:p|u|pw|-user|-proxy-user)[ =:\t]|/r?[pP][ =:\t]|-----B|x5c"
    r"|net(?:1|\.exe)? use|mot de|[Uu]ser data|[Aa]pp set|(?:[Pp]o|PO)[pP][\s+]"
)
"""Characters that begin an encoding, markup, a document or a mail address, and forms of more than one word."""
_TRACES = words(
    """pass pw pwd secret token key cred signature shared sasu sast auth cookie assert nonce csrf xsrf bearer jwt canary
    kennwort conn protected kube cert pfx pkcs view saml wresult wctx relay state basic negotiate ntlm msauth dpop
    digest aws googlelogin eyj github glpat xox dapi paqaba akia asia aiza hook telegram googleapis ifttt integration
    isposition code ticket refresh hint session sess puid flow recovery card iban secure custom userdata cloud
    appsettings device sudo stdin openssl mysql contrase sctx ppft otp setx setenv info psk"""
)
"""Every name of a secret and every form has one of these in it, in lower case; one that misleads costs time alone."""
_SHORT = re.compile(
    r"(?<![a-z])(?:[Pp]in|PIN|[Pp]at|PAT|[Ss]ig|SIG|[Ss]as|SAS|[Oo]tc|OTC|[Ss]id|SID|[Cc]tx|CTX|[Aa]io|AIO|[Cc]v[vc]"
    r"|CV[VC]|[Ss]sn|SSN|[Ss]ft|sFT|SFT|[Pp]em|PEM|[Dd]sn|DSN|[Pp]uk|PUK)s?(?![a-z])"
    r"|^(?:gh[pousr]|sk|npm|hvs|set|pw|sas|pem)$",
    re.MULTILINE,
)
_IDS = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?"
)
_SHORTEST_WITH_ID = 18
_RUN = re.compile(r"[A-Za-z0-9+/_=-]{8,}")
_WORD = re.compile(r"[A-Za-z]{2,}")
_LONGEST_PIECE = 300
_MOST = 50_000


_words: set[str] = set()
_runs: set[str] = set()
"""Pieces of texts that were looked at and hold nothing."""


def is_innocent(text: str) -> bool:
    """Whether a text holds nothing that is removed for its names or forms, and nothing that is encoded."""
    if _SPECIAL.search(text):
        return False
    if len(text) >= _SHORTEST_WITH_ID:
        text = _IDS.sub("!", text)
    found = _WORD.findall(text)
    if not _words.issuperset(found) and not _are_new_ones_clean(found, _words, _is_clean_word):
        return False
    found = _RUN.findall(text)
    return _runs.issuperset(found) or _are_new_ones_clean(found, _runs, _is_clean_run)


def _are_new_ones_clean(found: list[str], known: set[str], is_clean: Callable[[str], bool]) -> bool:
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
    lower = word.lower()
    return len(word) <= _LONGEST_PIECE and not any(map(lower.__contains__, _TRACES)) and not _SHORT.search(word)


def _is_clean_run(run: str) -> bool:
    """Whether a run of base64 characters is neither the base64 or hex of a text nor a string that looks like chance."""
    if len(run) > _LONGEST_PIECE:
        return False
    decoded: list[str] = []

    def note(inside: str) -> str:
        decoded.append(inside)
        return inside

    base64_decoded(run, note)
    hex_decoded(run, note)
    return not decoded and without_opaque(run, lambda *_: "") == run
