"""The scrubbing of JSON values by the names of their keys, and by what stands beside them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from auditor.har.scrub.json_shapes import MarkedSecret, may_hold_marked, secrets_marked
from auditor.har.scrub.names import Named, by_name, is_personal, is_plain, is_token_like
from auditor.har.scrub.removals import Kind, Removals, has_nothing
from auditor.har.scrub.words import words


class TextScrubber(Protocol):
    """What scrubs the texts in a value."""

    removals: Removals
    clean: set[str]
    """Texts that hold no secret, and nothing that is encoded."""

    def is_clean_document(self, value: Any) -> bool:
        """Whether a JSON value holds no secret, and nothing that is encoded; False if that takes a closer look."""

    def text(self, text: str, depth: int = 0) -> str:
        """Return a text without secrets."""


_MANY = 3
"""Number of objects in a list from which on each is first looked at as a whole."""
_FAILURES = 3
"""Number of objects in a row that had to be looked at in detail, after which all of the list are."""
_MOST_NAMES = 60
"""Names of an object that are remembered with what they say; larger ones are dictionaries, each with its own."""
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
_STAYS = words("id name type keyid kid keyname displayname keyvaulturl identity secretname secretversion")
"""Properties that are kept inside an object that is named like a secret."""
_OPTIONS = ("-p", "-P", "-pw", "/p", "--pass")
"""Items of a command line after which its password follows."""
_NO_CONTAINERS = words(
    "authorization credential credentials keycredentials passwordcredentials auth customdata userdata"
)
"""Objects that are named like a secret and hold named properties, of which only some are secret."""
_MAY_HOLD_TOKENS = words("credential credentials auth authentication")
_GUID_OR_TIME = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?"
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,80}")
_ERROR = re.compile(r"(?i)[si]?err(?:or)?[_-]?(?:codes?|description|message|subcode)?")
_OF_ERROR = re.compile(
    rf"{_ERROR.pattern}|suberror|message|resultvalue|trace_?id|correlation_?id|timestamp|success|details"
)
"""What tells an error in an answer of the sign-in, and what stands beside it."""
_MOST_OF_ERROR = 8
"""Properties that an error has at most: code, message, target, details, innererror, additionalInfo."""
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
        if isinstance(value, str):
            return self._text(value, name, depth)
        if isinstance(value, dict | list):
            scrubbed = self._object(value, name, depth) if isinstance(value, dict) else self._list(value, name, depth)
            return self._without_tokens(scrubbed) if _may_hold_tokens(name) else scrubbed
        if isinstance(value, MarkedSecret):
            return self.removed(value.value, value.kind, depth)
        return self._number(value, name)

    def removed(self, value: Any, kind: Kind, depth: int = 0) -> Any:
        """Return a value of which only ids, times, errors and the names of properties are left."""
        if isinstance(value, dict):
            if _is_error(value):
                return self._object(value, "", depth)
            is_told = any(item and _ERROR.fullmatch(key) for key, item in value.items())
            return {
                self._key(key, depth): self._told(item, kind, depth)
                if is_told and _OF_ERROR.fullmatch(key)
                else self.value(item, key, depth)
                if key.lower() in _STAYS or (key.lower() == "status" and is_plain(str(item)))
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

    def _told(self, value: Any, kind: Kind, depth: int) -> Any:
        """Return what an answer that consists of secrets says of an error: its code, its number, its sentence."""
        if isinstance(value, list):
            return [self._told(item, kind, depth) for item in value]
        if isinstance(value, str) and is_plain(value):
            return self._texts.text(value, depth)
        return value if isinstance(value, int) else self.removed(value, kind, depth)

    def _without_tokens(self, value: Any) -> Any:
        """Return a scrubbed value without texts that look like tokens, whatever their names."""
        if isinstance(value, dict):
            return {key: self._without_tokens(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._without_tokens(item) for item in value]
        is_token = isinstance(value, str) and is_token_like(value) and not _GUID_OR_TIME.search(value)
        return self._remove(Kind.SECRET, value) if is_token else value

    def _object(self, held: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
        about = _of_container(name)
        if about is not None:
            scrubbed: dict[str, Any] = self.removed(held, about.kind, depth)
            return scrubbed
        shape = _shape(tuple(held)) if len(held) <= _MOST_NAMES else _shape.__wrapped__(tuple(held))
        marked = secrets_marked(held) if shape.may_be_marked else held
        if shape.is_plain and marked is held and not _is_person_by_name(name):
            return self._plain_object(held, shape, depth)
        held = marked
        is_person = _is_person(held, shape.names, name)
        return {
            self._key(key, depth): self._property(held, key, depth, names=shape.names, is_person=is_person)
            for key in held
        }

    def _plain_object(self, held: dict[str, Any], shape: "_Shape", depth: int) -> dict[str, Any]:
        """Return an object whose values are judged one by one; most are texts under names that say nothing."""
        clean, text = self._texts.clean, self._texts.text
        scrubbed: dict[str, Any] = {}
        for (key, item), is_silent in zip(held.items(), shape.are_silent, strict=True):
            if item.__class__ is str and is_silent:
                value: Any = item if item in clean else text(item, depth)
            else:
                value = self.value(item, key, depth)
            scrubbed[key if key in clean else self._key(key, depth)] = value
        return scrubbed

    def _property(self, held: dict[str, Any], key: str, depth: int, *, names: frozenset[str], is_person: bool) -> Any:
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
        about = _of_container(name)
        if about is None:
            if len(held) >= _MANY and all(item.__class__ is dict for item in held):
                return list(self._objects(held, depth))
            return [self._item(item, before, name, depth) for before, item in zip(["", *held], held, strict=False)]
        if _plain(name) in {"secrets", "tokens"} or about.unsure:
            return [
                self._texts.text(item, depth)
                if isinstance(item, str) and item.lower() in _VERBS
                else self.removed(item, about.kind, depth)
                for item in held
            ]
        return [self.removed(item, about.kind, depth) for item in held]

    def _objects(self, held: list[dict[str, Any]], depth: int) -> Iterator[dict[str, Any]]:
        """Yield the objects of a long list; those that hold nothing as a whole are not looked at in detail."""
        failures = 0
        for item in held:
            if failures < _FAILURES and self._texts.is_clean_document(item):
                failures = 0
                yield item
            else:
                failures += 1
                yield self._object(item, "", depth)

    def _item(self, item: Any, before: Any, name: str, depth: int) -> Any:
        """Return an item of a list, in which names and values may take turns."""
        if not isinstance(item, str):
            return self._object(item, "", depth) if item.__class__ is dict else self.value(item, "", depth)
        about = by_name(before) if isinstance(before, str) and " " not in before else None
        if before in _OPTIONS and _may_be_password(item):
            return self._remove(Kind.PASSWORD, item)
        if about is not None and not about.unsure and not is_plain(item) and not has_nothing(item):
            return self._remove(about.kind, item)
        return self._text(item, name, depth)

    def _key(self, key: str, depth: int) -> str:
        return self._texts.text(key, depth)

    def _text(self, value: str, name: str, depth: int) -> str:
        about, personal = _said_by(name)
        if about is None and personal is None:
            return self._texts.text(value, depth)
        if has_nothing(value):
            return value
        if about is not None and about.is_of(value) and not (about.unsure and value.lower() in _VERBS):
            return self._remove(about.kind, value)
        return self._texts.text(value, depth) if personal is None else self._personal(value, personal)

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


class _Shape(NamedTuple):
    """What the names of an object say: `is_plain` if each value can be judged by its own name alone.

    `are_silent` says of each name in turn that it says nothing.
    """

    names: frozenset[str]
    are_silent: tuple[bool, ...]
    is_plain: bool
    may_be_marked: bool


@lru_cache(maxsize=5_000)
def _shape(keys: tuple[str, ...]) -> _Shape:
    names = frozenset(key.rsplit("/", 1)[-1].lower() for key in keys)
    lower = {key.lower() for key in keys}
    may_be_marked = may_hold_marked(lower)
    is_plain = not (
        (not lower.isdisjoint(_HOLDING) and not lower.isdisjoint(_NAMING))
        or "kty" in names
        or any(key in lower and not names.isdisjoint(beside) for key, beside in _BESIDE.items())
        or not names.isdisjoint(_OF_PERSON)
        or "@odata.type" in keys
        or ("value" in lower and "id" in lower)
    )
    are_silent = tuple(_said_by(key) == (None, None) for key in keys)
    return _Shape(names, are_silent, is_plain, may_be_marked)


@lru_cache(maxsize=5_000)
def _of_container(name: str) -> Named | None:
    """Return what a name says of an object or a list."""
    if not name or _plain(name) in _NO_CONTAINERS:
        return None
    about = by_name(name)
    if about is None or (about.unsure and _plain(name) not in {"secrets", "tokens"}):
        return None
    return about


@lru_cache(maxsize=5_000)
def _said_by(name: str) -> tuple[Named | None, Kind | None]:
    return (by_name(name), is_personal(name)) if name else (None, None)


@lru_cache(maxsize=5_000)
def _may_hold_tokens(name: str) -> bool:
    return _plain(name) in _MAY_HOLD_TOKENS


def _may_be_password(item: str) -> bool:
    """Whether an item of a command line is neither a port, a path nor another option."""
    return not item.isdigit() and not item.startswith(("/", "-", ".", "$")) and not has_nothing(item)


def _is_error(held: dict[str, Any]) -> bool:
    """Whether an object is an error: it has a code, which is written like one, and a message."""
    code, message = (next((held[key] for key in held if key.lower() == name), None) for name in ("code", "message"))
    is_code = isinstance(code, str) and bool(_CODE.fullmatch(code)) and is_plain(code)
    return is_code and isinstance(message, str) and " " in message and len(held) <= _MOST_OF_ERROR


def _is_person_by_name(name: str) -> bool:
    """Whether an object of this name is about a person."""
    return name.lower() in _PEOPLE


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


def _is_person(held: dict[str, Any], names: frozenset[str], name: str) -> bool:
    """Whether an object is about a person, whose name it gives as that of anything else."""
    if _is_person_by_name(name) or held.get("@odata.type") == "#microsoft.graph.user":
        return True
    if not names.isdisjoint(_OF_GROUP):
        return False
    if names.isdisjoint(_OF_PERSON):
        return False
    told = [value for key, value in held.items() if value and key.rsplit("/", 1)[-1].lower() in _OF_PERSON]
    return any(not isinstance(value, str) or "@" in value or "username" not in names for value in told)


def _is_secret_of_vault(held: dict[str, Any]) -> bool:
    return isinstance(held.get("id"), str) and bool(_SECRET_OF_VAULT.match(held["id"]))
