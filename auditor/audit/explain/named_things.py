"""The specific things that a text names: accounts, ids, tenants, and other names and GUIDs.

What is wrong with one thing says nothing of another one. So everything counts that a text names by an id, in quotes or
by its host, even where nothing else of its sentence is understood; ids of requests and names of properties do not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.explain.azure_sentences import plain

_GUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_OF_THE_REQUEST = re.compile(
    r"(?:correlation|trace|tracking|tracing|request|activity|session|operation|event|deployment|job|timestamp|error)"
    rf"[ _-]?(?:id)?'?[ :=('\"]{{1,5}}(?:{_GUID})"
    rf"|appid=(?:{_GUID})|aka\.ms/\S+|(?:with )?api-version\S*",
    re.IGNORECASE,
)
"""Ids of one request, and of the client that only carries it; the object id beside `appid` says who asked."""
_DISPLAYED = re.compile(
    rf"'[^'\n]{{1,256}}' ?(?=with object id|\('?{_GUID})"
    r"|(?<=deny assignment with name )'[^'\n]{1,256}' (?=and id)|(?<=[0-9a-f]' named )'[^'\n]{1,256}'",
    re.IGNORECASE,
)
"""Names that are shown beside the id of the same thing."""
_MAIL = r"[\w.+#-]{1,100}@[\w-]{1,60}(?:\.[\w-]{1,60})+"
_ACCOUNT = re.compile(
    rf"\boid=({_GUID})|object ?id'?[ :=']{{1,4}}({_GUID})"
    rf"|(?:(?:user|account|client|principal|upn|\bby|\bfor|signed in as)[ :=('\"]{{1,4}}|')({_MAIL})",
    re.IGNORECASE,
)
_TENANT = re.compile(
    rf"https://(?:sts\.|login\.)[^/'\s]+/({_GUID}|[\w-]+(?:\.[\w-]+)+)"
    rf"|(?:tenant|directory)(?: id| name)?'?[ :=('\"]{{1,4}}({_GUID}|(?<=')[\w .-]{{2,90}}(?=')|[\w-]+(?:\.[\w-]+)+)",
    re.IGNORECASE,
)
_ID = re.compile(r"/(?:subscriptions|providers)/[^'\s\"?#<>|,;)\]}]{3,1024}", re.IGNORECASE)
_VAULT_HOST = re.compile(r"\b([a-z][a-z0-9-]{2,23})\.vault\.(?:azure\.(?:net|cn)|usgovcloudapi\.net)", re.IGNORECASE)
_VAULT = re.compile(r"\bVault: '?([a-z][a-z0-9-]{2,23})\b|on key ?vault '([a-z][a-z0-9-]{2,23})\b", re.IGNORECASE)
_ANY_GUID = re.compile(rf"{_GUID}|(?<=\bid ')[0-9a-f]{{32}}|(?<=\bid )[0-9a-f]{{32}}", re.IGNORECASE)
_NO_NAME = (
    r"(?:location|region|code|error|status|state|action|operation|type|version|effect|property|parameter|value|field"
    r"|level|kind|permission|to|is|as|of|method|message|text|says|with|click|select|choose|press|button|tab|open|option)"
)
_QUOTED = re.compile(r"(?:\b([\w-]+) |(?<!')[(:] ?)'([A-Za-z0-9][\w.()-]{1,90})'(?=[\s.,;:)!]|$)")
_SPEAKABLE = re.compile(r"[\w .()@/:-]+")
_KINDS = (
    r"(?:assignment|policy|lock|resource|appliance|project|vault|group|subscription|application|account|user|host"
    r"|server|machine|cluster)"
)
_QUOTED_WORDS = re.compile(rf"\b{_KINDS}(?: name)?:? '([^'\n/;]{{2,90}})'", re.IGNORECASE)
_IN_JSON = re.compile(
    r"'(?:target|(?:resource|vault|project|group|assignment|scope|account|appliance|application|subscription)"
    r"(?:name|id)?)' ?: ?'(?!properties)([^'\n ]{2,1024})'",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NamedThings:
    """What a text names, all in lower case.

    `accounts` are object ids or sign-in names, `ids` are of Resource Manager, `tenants` are ids, domains or display
    names; `names` are all other GUIDs and names. Of `unclear` ones of them no word says what they are: one can be a
    secret.
    """

    accounts: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    unclear: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is named."""
        return any(getattr(self, field.name) for field in fields(self))

    @property
    def shown(self) -> str:
        """The things that are no accounts, or the accounts where there are no others, for a sentence; no secrets."""
        names = {one for one in self.names - self.unclear if _SPEAKABLE.fullmatch(one)}
        every = sorted(self.ids | self.tenants | names)
        if not every and self.names:
            return "something in quotes"
        every = every or sorted(self.accounts)
        return ", ".join(f"`{one}`" for one in every[:3]) + (f" and {len(every) - 3} more" if len(every) > 3 else "")

    def joined(self, other: "NamedThings") -> "NamedThings":
        """Return what either names; the accounts of `other` only where this names none."""
        return NamedThings(
            self.accounts or other.accounts,
            self.ids | other.ids,
            self.tenants | other.tenants,
            self.names | other.names,
            self.unclear | other.unclear,
        )

    @property
    def are_people(self) -> bool:
        """Whether only accounts, or nothing, are named."""
        return not self.ids and not self.names


def things_of(error: AzureError) -> NamedThings:
    """Return what an error names; by what it was refused alone, where it says that: a policy, a lock."""
    said = error.details
    decisive = [policy.assignment for policy in said.policies if policy.assignment] or list(said.locked)
    account = frozenset({said.account.lower()} if said.account else ())
    if decisive:
        return NamedThings(accounts=account, ids=frozenset(one.lower().rstrip("/") for one in decisive))
    found = things_in(error.message)
    ids = {one.lower().rstrip("/") for one in (said.scope, said.linked_scope) if one.startswith("/")} - {""}
    names = {one.lower() for one in (said.vault, said.application, said.provider, said.subscription, said.group) if one}
    names -= {part for one in (*ids, *found.ids) for part in one.split("/")}
    names |= {said.deny_assignment.lower().rpartition("/")[2]} - {""}
    return NamedThings(
        accounts=account or found.accounts,
        ids=found.ids | ids,
        tenants=found.tenants | set(said.tenants),
        names=(found.names | names) - account - set(said.tenants),
        unclear=found.unclear - names,
    )


def things_in(text: str) -> NamedThings:
    """Return what a text names, whatever kind of text it is."""
    said = _DISPLAYED.sub("", _OF_THE_REQUEST.sub(" ", plain(text)))
    accounts = set(_groups(_ACCOUNT, said))
    tenants = set(_groups(_TENANT, said))
    ids = {match[0].rstrip(".'/").lower() for match in _ID.finditer(said)}
    rest = _ID.sub(" ", said)
    names = {match[0].lower() for match in _ANY_GUID.finditer(rest)}
    names.update(_groups(_VAULT_HOST, rest), _groups(_VAULT, rest), _groups(_QUOTED_WORDS, rest))
    names.update(one for one in _groups(_IN_JSON, rest) if not one.startswith("/"))
    unclear = set(_quoted(rest)) - names - accounts - tenants
    return NamedThings(
        frozenset(accounts),
        frozenset(ids),
        frozenset(tenants),
        frozenset((names | unclear) - accounts - tenants),
        frozenset(unclear),
    )


def _groups(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield from (one.strip().lower() for one in match.groups() if one)


def _quoted(text: str) -> Iterator[str]:
    """Yield the names in quotes that no word before them calls a property, a code or a place."""
    for match in _QUOTED.finditer(text):
        if not (match[1] and re.fullmatch(_NO_NAME, match[1], re.IGNORECASE)):
            yield match[2].lower()
