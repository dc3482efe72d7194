"""The fleet file: a YAML list of tenants, checked as a whole before anything is read."""

import re
from collections.abc import Iterator
from pathlib import Path

from auditor.audit.rules.mistakes import BadRule, BadRules
from auditor.audit.rules.source import Fields, Items, Node, Text, YamlSource
from auditor.azure.auth.sign_in import AUTH_MODES
from auditor.azure.clouds import CLOUDS
from auditor.azure.links import origin_of
from auditor.fleet.tenant import FleetTenant
from auditor.nearest import did_you_mean, no_such

LARGEST_FILE = 8 * 1024 * 1024
"""Maximum size of a fleet file in bytes; a larger one is refused unread."""
LONGEST_NAME = 200

_TEXTS = ("name", "cloud", "auth", "env")
_LISTS = ("subscriptions", "management_groups", "accounts")
_KEYS = (*_TEXTS, *_LISTS, "all")
_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(r"secret|passw|pwd|token|certificate|credential|(^|_)key$|(^|_)sas(_|$)|assertion", re.IGNORECASE)
_IDENTITY = re.compile(r"tenant|client|app(lication)?_?id|user(name)?$", re.IGNORECASE)
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})


def load_fleet(path: Path) -> tuple[FleetTenant, ...]:
    """Return the tenants in the file, in its order; raises `BadRule` with every mistake (file, line, column)."""
    root = YamlSource(path, LARGEST_FILE).root
    listed = root.fields.get("tenants") if isinstance(root, Fields) else None
    if not isinstance(root, Fields) or listed is None:
        raise root.bad("the file needs one key, `tenants`, with a list")
    mistakes = [key.bad(_unknown(name, ("tenants",))) for name, key in root.keys.items() if name != "tenants"]
    if not isinstance(listed, Items) or not listed.items:
        raise BadRules([*mistakes, listed.bad("`tenants` must be a list with at least one tenant")])
    entries = [_Entry(item) for item in listed.items]
    mistakes += [mistake for entry in entries for mistake in entry.mistakes]
    mistakes += _doubles(entries)
    if mistakes:
        raise BadRules(mistakes)
    return tuple(entry.tenant() for entry in entries)


def _unknown(name: str, known: tuple[str, ...]) -> str:
    """Return what is wrong with an unknown key; of one that asks for a secret or an identity, where that belongs."""
    if _SECRET.search(name):
        return (
            f"`{name}`: no secret may stand in this file; set it where migaudit runs as a variable such as "
            "CONTOSO_AZURE_CLIENT_SECRET, and name the prefix: `env: CONTOSO`"
        )
    if _IDENTITY.search(name):
        return (
            f"unknown key `{name}`: who signs in is said by variables such as CONTOSO_AZURE_TENANT_ID and "
            "CONTOSO_AZURE_CLIENT_ID; name their prefix: `env: CONTOSO`"
        )
    return f"unknown key `{name}`{did_you_mean(name, known, 1)}"


def _doubles(entries: "list[_Entry]") -> Iterator[BadRule]:
    seen: dict[str, Text] = {}
    for entry in entries:
        name = entry.fields.get("name")
        if isinstance(name, Text):
            first = seen.setdefault(name.value.strip().casefold(), name)
            if first is not name:
                line = first.node.start_mark.line + 1
                yield name.bad(f"the name `{name.value}` is given twice; the other one stands in line {line}")


class _Entry:
    """One entry of the list, with all mistakes in it."""

    def __init__(self, item: Node) -> None:
        self.item = item
        self.fields = item.fields if isinstance(item, Fields) else {}
        self.texts: dict[str, Text] = {}
        self.lists: dict[str, tuple[str, ...]] = {}
        self.all = False
        self.mistakes = [*self._check()]

    def tenant(self) -> FleetTenant:
        """Return the tenant, of an entry without mistakes."""
        texts = {name: text.value.strip() for name, text in self.texts.items()}
        at = self.texts.get("env", self.texts["name"]).node.start_mark
        place = f"{self.item.source.file}:{at.line + 1}:{at.column + 1}"
        return FleetTenant(**texts, **self.lists, all=self.all, place=place)  # type: ignore[arg-type]  # texts and lists by their names

    def _check(self) -> Iterator[BadRule]:
        if not isinstance(self.item, Fields):
            yield self.item.bad("a tenant must be a mapping with `name` and what to read")
            return
        for name, key in self.item.keys.items():
            if name not in _KEYS:
                yield key.bad(_unknown(name, _KEYS))
        for name, node in self.fields.items():
            if name in _TEXTS:
                yield from self._text(name, node)
            elif name in _LISTS:
                yield from self._list(name, node)
            elif name == "all":
                yield from self._flag(node)
        if "name" not in self.fields:
            yield self.item.bad("`name` is missing: what reports call the tenant")
        yield from self._scope()

    def _text(self, name: str, node: Node) -> Iterator[BadRule]:
        reason = _not_a_text(node)
        if reason or not isinstance(node, Text):
            hint = "; it names the prefix of variables, and no secret may stand in this file" if name == "env" else ""
            yield node.bad(f"`{name}` {reason}{hint}")
            return
        self.texts[name] = node
        wrong = {"name": _bad_name, "cloud": _bad_cloud, "auth": _bad_auth, "env": _bad_prefix}[name](
            node.value.strip()
        )
        if wrong:
            yield node.bad(wrong)

    def _list(self, name: str, node: Node) -> Iterator[BadRule]:
        if not isinstance(node, Items) or not node.items:
            yield node.bad(f"`{name}` must be a list with at least one item")
            return
        texts = []
        for item in node.items:
            reason = _not_a_text(item)
            if reason or not isinstance(item, Text):
                yield item.bad(f"an item of `{name}` {reason}")
            elif item.value.strip() in texts:
                yield item.bad(f"`{item.value}` is given twice")
            else:
                texts.append(item.value.strip())
        self.lists[name] = tuple(texts)

    def _flag(self, node: Node) -> Iterator[BadRule]:
        text = node.value.lower() if isinstance(node, Text) and node.tag == "bool" else ""
        if text not in _TRUE | _FALSE:
            yield node.bad("`all` is true or false")
        self.all = text not in _FALSE

    def _scope(self) -> Iterator[BadRule]:
        """Yield a mistake where nothing says what to read, or where `all` contradicts what does."""
        named = [name for name in ("subscriptions", "management_groups") if name in self.fields]
        assert isinstance(self.item, Fields)  # noqa: S101 - anything else ended the check
        if self.all and named:
            both = " and ".join(f"`{name}`" for name in named)
            yield self.item.keys["all"].bad(f"`all: true` reads every subscription: leave it out, or {both}")
        elif not self.all and not named:
            yield self.item.bad(
                "nothing says what to read: name `subscriptions` or `management_groups`, or `all: true`"
            )


def _not_a_text(node: Node) -> str:
    """Return what is wrong with a node that must be a text; empty for a text."""
    if not isinstance(node, Text):
        return "must be text"
    if node.tag == "null" or not node.value.strip():
        return "is empty"
    return "contains a character that no name has" if "\0" in node.value else ""


def _bad_name(text: str) -> str:
    return f"a name has at most {LONGEST_NAME} characters" if len(text) > LONGEST_NAME else ""


def _bad_cloud(text: str) -> str:
    if text.lower() in {name.lower() for name in CLOUDS}:
        return ""
    if "://" not in text:
        return f"{no_such('cloud', text, CLOUDS)}; or give the https URL of an ARM endpoint"
    if "@" in text.partition("://")[2].partition("/")[0]:
        return "the URL of the cloud holds a user name or a password: leave it out"
    try:
        origin_of(text)
    except ValueError:
        return "the URL of the cloud has no host that can be read"
    return "" if text.lower().startswith("https://") else "the URL of a cloud begins with https://"


def _bad_auth(text: str) -> str:
    return "" if text in AUTH_MODES else no_such("way to sign in", text, AUTH_MODES)


def _bad_prefix(text: str) -> str:
    """Return what is wrong with a prefix; the text itself is not repeated, since it may be a secret by mistake."""
    if _PREFIX.fullmatch(text):
        return ""
    return "`env` is the prefix of variables, such as CONTOSO for CONTOSO_AZURE_CLIENT_ID: letters, digits and `_`"
