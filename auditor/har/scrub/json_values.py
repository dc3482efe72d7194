"""The scrubbing of JSON values by the names of their keys, and by what stands beside them."""

import re
from typing import Any, Protocol

from auditor.har.scrub.json_shapes import MarkedSecret, secrets_marked
from auditor.har.scrub.names import Named, by_name, is_personal, is_plain, is_token_like
from auditor.har.scrub.removals import Kind, Removals, has_nothing
from auditor.har.scrub.words import words


class TextScrubber(Protocol):
    """What scrubs the texts in a value."""

    removals: Removals

    def text(self, text: str, depth: int = 0) -> str:
        """Return a text without secrets."""


_NAMING = words(
    """name key keyname parametername secretname id k label field title header property variable param parameter claim
    typ type path displayname propertyname settingname variable envname"""
)
_HOLDING = words(
    "value content defaultvalue currentvalue data values $value v val text newvalue oldvalue previousvalue"
)
"""Properties of an object that is a name with its value, such as `{name, value}`."""
_BESIDE = {"key": frozenset({"id", "keyid"}), "value": frozenset({"keyname"})}
"""Properties that are secrets only beside another one: `{id, key}` of a storage account, `{keyName, value}`."""
_OF_JWK = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_OF_PERSON = words(
    "userprincipalname username mail email givenname given_name surname preferred_username upn unique_name"
)
_OF_GROUP = words("grouptypes securityenabled mailenabled")
_PEOPLE = words("user signedinuser loggedinuser")
_STAYS = words("id name type keyid kid keyname displayname keyvaulturl identity")
"""Properties that are kept inside an object that is named like a secret."""
_NO_CONTAINERS = words(
    "authorization credential credentials keycredentials passwordcredentials auth customdata userdata"
)
"""Objects that are named like a secret and hold named properties, of which only some are secret."""
_MAY_HOLD_TOKENS = words("credential credentials auth authentication")
_GUID_OR_TIME = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?"
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")
_VERBS = words(
    """all get list set delete backup restore recover purge create update import decrypt encrypt unwrapkey wrapkey
    verify sign release rotate getrotationpolicy setrotationpolicy managecontacts manageissuers getissuers listissuers
    setissuers deleteissuers regeneratekey getsas listsas deletesas setsas"""
)
"""The permissions of a key vault's access policy."""
_SECRET_OF_VAULT = re.compile(
    r"https://[^/]+\.(?:vault|vaultcore|managedhsm)\.[^/]+/(?:secrets|certificates)/", re.IGNORECASE
)


class JsonFields:
    """Values of JSON without secrets."""

    def __init__(self, texts: TextScrubber) -> None:
        self._texts = texts

    def value(self, value: Any, name: str, depth: int) -> Any:
        """Return a value that stands under `name`, with an empty one for an item of a document."""
        if isinstance(value, MarkedSecret):
            return self.removed(value.value, value.kind, depth)
        if isinstance(value, dict | list):
            scrubbed = self._object(value, name, depth) if isinstance(value, dict) else self._list(value, name, depth)
            return self._without_tokens(scrubbed) if _plain(name) in _MAY_HOLD_TOKENS else scrubbed
        if isinstance(value, str):
            return self._text(value, name, depth)
        return self._number(value, name)

    def removed(self, value: Any, kind: Kind, depth: int = 0) -> Any:
        """Return a value of which only ids, times and the names of properties are left."""
        if isinstance(value, dict):
            return {
                self._key(key, depth): self.value(item, key, depth)
                if key.lower() in _STAYS
                else self.removed(item, kind, depth)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.removed(item, kind, depth) for item in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, str) and (has_nothing(value) or _GUID_OR_TIME.fullmatch(value)):
            return value
        return self._remove(kind, value)

    def _without_tokens(self, value: Any) -> Any:
        """Return a scrubbed value without texts that look like tokens, whatever their names."""
        if isinstance(value, dict):
            return {key: self._without_tokens(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._without_tokens(item) for item in value]
        is_token = isinstance(value, str) and is_token_like(value) and not _GUID_OR_TIME.search(value)
        return self._remove(Kind.SECRET, value) if is_token else value

    def _object(self, held: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
        about = self._of_container(name)
        if about is not None:
            scrubbed: dict[str, Any] = self.removed(held, about.kind, depth)
            return scrubbed
        held = secrets_marked(held)
        names = {key.rsplit("/", 1)[-1].lower() for key in held}
        is_person = _is_person(held, names, name)
        return {
            self._key(key, depth): self._property(held, key, depth, names=names, is_person=is_person) for key in held
        }

    def _property(self, held: dict[str, Any], key: str, depth: int, *, names: set[str], is_person: bool) -> Any:
        """Return a property of an object, which what stands beside it can make secret or personal."""
        item, lower = held[key], key.lower()
        if isinstance(item, MarkedSecret):
            return self.removed(item.value, item.kind)
        if (lower in _OF_JWK and "kty" in names) or not names.isdisjoint(_BESIDE.get(lower, ())):
            return self.removed(item, Kind.KEY)
        if lower in _HOLDING and (beside := _named_beside(held, key)) is not None:
            return self.value(item, beside, depth) if isinstance(item, str) else self.removed(item, _kind(beside))
        if lower == "value" and _is_secret_of_vault(held):
            return self.removed(item, Kind.SECRET)
        if is_person and lower in {"displayname", "name"} and isinstance(item, str):
            return self._personal(item, Kind.NAME)
        return self.value(item, key, depth)

    def _list(self, held: list[Any], name: str, depth: int) -> list[Any]:
        about = self._of_container(name)
        if about is None:
            return [self._item(item, before, name, depth) for before, item in zip(["", *held], held, strict=False)]
        if _plain(name) in {"secrets", "tokens"} or about.unsure:
            return [
                self._texts.text(item, depth)
                if isinstance(item, str) and item.lower() in _VERBS
                else self.removed(item, about.kind, depth)
                for item in held
            ]
        return [self.removed(item, about.kind, depth) for item in held]

    def _item(self, item: Any, before: Any, name: str, depth: int) -> Any:
        """Return an item of a list, in which names and values may take turns."""
        if not isinstance(item, str):
            return self.value(item, "", depth)
        about = by_name(before) if isinstance(before, str) and " " not in before else None
        if about is not None and not about.unsure and not is_plain(item) and not has_nothing(item):
            return self._remove(about.kind, item)
        return self._text(item, name, depth)

    @staticmethod
    def _of_container(name: str) -> Named | None:
        """Return what a name says of an object or a list."""
        if _plain(name) in _NO_CONTAINERS:
            return None
        about = by_name(name)
        if about is None or (about.unsure and _plain(name) not in {"secrets", "tokens"}):
            return None
        return about

    def _key(self, key: str, depth: int) -> str:
        return self._texts.text(key, depth)

    def _text(self, value: str, name: str, depth: int) -> str:
        if has_nothing(value):
            return value
        about = by_name(name) if name else None
        if about is not None and about.is_of(value) and not (about.unsure and value.lower() in _VERBS):
            return self._remove(about.kind, value)
        personal = is_personal(name) if name else None
        if personal is not None:
            return self._personal(value, personal)
        return self._texts.text(value, depth)

    def _number(self, value: Any, name: str) -> Any:
        if isinstance(value, bool) or value is None or not name:
            return value
        about = by_name(name)
        return value if about is None or about.unsure else self._remove(about.kind, value)

    def _personal(self, value: str, kind: Kind) -> str:
        """Return what stands in place of a personal value: a pseudonym for an address, else a marker."""
        if (
            self._texts.removals.keeps_people
            or has_nothing(value)
            or _GUID_OR_TIME.fullmatch(value)
            or value.startswith(("https://", "http://", "/"))
        ):
            return self._texts.text(value)
        if kind is Kind.NAME and _ADDRESS.fullmatch(value):
            return self._texts.removals.addresses.pseudonym(value)
        return self._remove(kind, value)

    def _remove(self, kind: Kind, value: Any) -> str:
        return self._texts.removals.remove(kind, value if isinstance(value, str) else str(value))


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _kind(name: str) -> Kind:
    about = by_name(name)
    return about.kind if about is not None else Kind.SECRET


def _named_beside(held: dict[str, Any], key: str) -> str | None:
    """Return the name in an object `{name, value}`, if it says that the value is secret or personal."""
    for naming, name in held.items():
        if (
            naming != key
            and naming.lower() in _NAMING
            and isinstance(name, str)
            and (by_name(name) or is_personal(name))
        ):
            return name
    return None


def _is_person(held: dict[str, Any], names: set[str], name: str) -> bool:
    """Whether an object is about a person, whose name it gives as that of anything else."""
    if name.lower() in _PEOPLE or held.get("@odata.type") == "#microsoft.graph.user":
        return True
    if not names.isdisjoint(_OF_GROUP):
        return False
    if names.isdisjoint(_OF_PERSON):
        return False
    told = [value for key, value in held.items() if value and key.rsplit("/", 1)[-1].lower() in _OF_PERSON]
    return any(not isinstance(value, str) or "@" in value or "username" not in names for value in told)


def _is_secret_of_vault(held: dict[str, Any]) -> bool:
    return isinstance(held.get("id"), str) and bool(_SECRET_OF_VAULT.match(held["id"]))
