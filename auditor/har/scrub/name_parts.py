"""What a name says by its words: `dbPass`, `STRIPE_KEY`, `vmAdminPw` and `x-ms-sas` are names of secrets.

A name is split at letter case, punctuation and digits, and where a long word such as `password` stands inside another.
What follows the last secret word can make the name one of something about a secret: `passwordLastChanged`, `tokenType`.
"""

import re
from typing import NamedTuple

from auditor.har.scrub.removals import Kind
from auditor.har.scrub.words import words

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONG = re.compile(
    r"(password|passwd|passphrase|passcode|passwort|kennwort|secret|token|credential|signature|connectionstring|apikey"
    r"|privatekey|accesskey|sharedkey)s?"
)
"""Words that no other word has inside, so that they are also found in a name without letter case."""
_KINDS = {
    **dict.fromkeys(
        words("""pass password passwords passwd pwd pwds pw pws passphrase passcode passwort kennwort psk pswd
        contrasena motdepasse"""),
        Kind.PASSWORD,
    ),
    **dict.fromkeys(words("pin pins otp totp otc puk"), Kind.PASSWORD),
    **dict.fromkeys(
        words("secret secrets cred creds credential credentials connectionstring connstr dsn"), Kind.SECRET
    ),
    **dict.fromkeys(words("token tokens jwt bearer pat"), Kind.TOKEN),
    **dict.fromkeys(words("sas sig sigs signature"), Kind.SIGNATURE),
    **dict.fromkeys(words("apikey privatekey accesskey sharedkey privkey seckey"), Kind.KEY),
}
_AT_THE_END = words("pin pins otp totp otc puk sig sigs pat dsn pass pw")
"""Short words that are something else in the middle of a name: `pinToDashboard`, `passThrough`."""
_NEUTRAL = words(
    """value values text string data hash plain plaintext base64 b encoded raw current new old confirm confirmation
    again repeat repeated primary secondary default encrypted code number no str val input plainvalue"""
)
"""What may follow a secret word without a change of what the name says."""
_ABOUT = re.compile(
    "(?:"
    + "|".join(
        sorted(
            words(
                """name names ids type types url urls uri uris length expiry expire expires expired expiration
    expirations changed change changes date dates time times datetime on at by days hours minutes seconds required
    require enabled enable disabled policy policies count counts status state mode reset set sets setting
    settings age version versions size kind format algorithm algorithms alg usage source scope scopes
    endpoint endpoints issuer audience lifetime validity rotation rotated provider providers location path
    reference references ref refs label title description placeholder message messages error errors warning
    min max minimum maximum complexity rule rules strength vault authentication auth based less only free
    support supported supports profile permission permissions manager management store field control visible
    page form caption column index position ok valid validation validated requirements allowed allow
    profiles options option category categories method methods info metadata updated created modified
    activated revoked issued used usages action actions ary ize ized izer ization ise ised iser through rate
    ratio hint help link tooltip notice notification display present exists found missing invalid owner
    owners group role roles region thumbprint fingerprint attempts retries failures limit quota operations
    key keys cancelled canceled cancellation protection protected"""
            ),
            key=len,
            reverse=True,
        )
    )
    + ")"
)
"""What follows a secret word in the name of something about the secret."""
_HARMLESS_BEFORE = {
    Kind.TOKEN: words("publickey public cancellation unexpected syntax design change parse lexer css theme"),
    Kind.PASSWORD: words("by com tres sur over under im encom"),
}
"""What before a secret word makes the name harmless: `PublicKeyToken`, `bypass`."""
_KEYS_OF_NO_SECRET = words(
    """public sort partition row foreign routing cache group grouping order ordering translation resource localization
    localized string metric dictionary lookup map column property attribute index composite natural unique registry
    hot arrow menu item object blob view tab react query entity setting settings config feature flag telemetry
    category dimension tag label display name header message error event parent child node path data state context
    sub alternate candidate business surrogate clustering shard distribution hash range search filter facet mon tur
    don hoc joc whis parameter param field template type content section page command action command i18n l10n text
    list storage-sort primarysort secondarysort reference ref lock idempotency dedup deduplication correlation version
    asset icon image option select selected active current next previous first last tree tabs route nav extension blade
    module package part component widget tile chart series axis row legend"""
)
"""Owners of keys that are no secrets."""
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
"""A variable of the environment, such as `STRIPE_KEY`."""


class ByWords(NamedTuple):
    """What the words of a name say: the kind of its value; `doubtful` if a plain value is no secret."""

    kind: Kind
    doubtful: bool = False


def by_words(name: str) -> ByWords | None:
    """Return what the words of a name say of its value; None for a name that says nothing."""
    parts = words_of(name)
    last = next((at for at in range(len(parts) - 1, -1, -1) if parts[at] in _KINDS), None)
    if last is None:
        found = _ends_like_a_secret(parts)
        return found and ByWords(found.kind, found.doubtful and not _VARIABLE.fullmatch(name))
    after = [part for part in parts[last + 1 :] if part not in _NEUTRAL]
    kind = _KINDS[parts[last]]
    if after == ["id"]:
        return ByWords(kind, doubtful=True)
    if after and (_is_about(after, kind) or parts[last] in _AT_THE_END):
        return _ends_like_a_secret(parts[last + 1 :]) if after[-1] in {"key", "keys"} else None
    before = "".join(parts[:last])
    if before and any(before.endswith(one) for one in _HARMLESS_BEFORE.get(kind, ())):
        return None
    return ByWords(kind)


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case, without numbers."""
    parts: list[str] = []
    for found in _WORD.findall(name):
        word = found.lower()
        if word in _KINDS or not _LONG.search(word):
            parts.append(word)
        else:
            parts += [piece for piece in _LONG.split(word) if piece]
    return parts


def _is_about(after: list[str], kind: Kind) -> bool:
    """Whether the words after a secret word make the name that of something about the secret."""
    if kind is Kind.SIGNATURE and after[-1] in {"url", "uri", "urls", "uris"}:
        return False  # an address with a signature
    joined = "".join(after)
    return bool(_ABOUT.fullmatch(after[0]) or _ABOUT.fullmatch(after[-1]) or _ABOUT.fullmatch(joined)) or bool(
        len(after) == 1 and re.search(f"{_ABOUT.pattern}$", joined)
    )


def _ends_like_a_secret(parts: list[str]) -> ByWords | None:
    """Return what a name says that has a key of somebody at its end, or an abbreviation without letter case."""
    while parts and parts[-1] in _NEUTRAL:
        parts = parts[:-1]
    if not parts:
        return None
    owner, last = "".join(parts[:-1]), parts[-1]
    for ending in ("keys", "key"):
        if last == ending or last.endswith(ending):
            owner = owner + last.removesuffix(ending)
            is_known = any(owner.endswith(one) for one in _KEYS_OF_NO_SECRET)
            return None if is_known or not owner else ByWords(Kind.KEY, doubtful=True)
    if len(last) > 3 and last.endswith(("pass", "pw", "psk")):
        return None if any(last == f"{one}pass" for one in _HARMLESS_BEFORE[Kind.PASSWORD]) else ByWords(Kind.PASSWORD)
    return None
