"""The redaction of the bodies in a snapshot, property by property."""

import json
import re

import msgspec

from auditor.inventory.arm_id import PROVIDERS, ArmId, MalformedArmId
from auditor.inventory.redaction.pseudonyms import Pseudonyms, vocabulary
from auditor.inventory.snapshot.records import (
    ArmRecord,
    EventRecord,
    GraphRecord,
    arm_record,
    event_record,
    graph_record,
)
from auditor.inventory.snapshot.secrets import REMOVED

REDACTED = "<redacted>"
"""The text that replaces a sentence."""

KEYS = "names of properties"
"""The name under which `kept` lists property names."""

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ GMT"
)
_OPERATION = re.compile(r"(\*|Microsoft\.[A-Za-z.]+)(/[A-Za-z*$.]+)*")
_PARAMETER = re.compile(r"\[\s*parameters\(\s*'[^']+'\s*\)\s*\]", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,9}")
_CODE = re.compile(r"[#A-Za-z0-9_ .,;:*+/-]{1,80}")
_PROPERTY = re.compile(r"[@$A-Za-z_][A-Za-z0-9_.@$-]*")
_IDENTIFYING = re.compile(
    r"://|^/|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|^(?!#?microsoft\.)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$",
    re.IGNORECASE,
)
"""An address, a path, an id or a host name: never a value of a fixed list, whatever the property."""
_QUOTED = re.compile(r"'[^']*'" + r'|"[^"]*"')
_NUMERIC_FIELDS = ("count", "servers", "days", "size", "quota", "total", "retention")
_PARTS = frozenset({"disks", "networkadapters"})
"""Objects (lower case) of objects that are called after what they describe, where they are no lists."""
_WRAPPERS = frozenset({"value", "defaultvalue"})
_PERMISSIONS = frozenset({"actions", "notactions", "dataactions", "notdataactions"})


class Bodies:
    """The redaction of bodies; `kept` collects the values that were not replaced, by property."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        """Keep the pseudonyms to use."""
        self._pseudonyms = pseudonyms
        self._vocabulary = vocabulary()
        self.kept: set[tuple[str, str]] = set()

    def arm(self, record: ArmRecord) -> ArmRecord:
        """Return an ARM record with pseudonyms; a built-in role is not changed."""
        body = msgspec.json.decode(record.body, type=dict[str, object])
        if record.type.lower() == "microsoft.authorization/roledefinitions" and b'"type":"BuiltInRole"' in record.body:
            return record
        return arm_record(self._fields(body, ""), deleted=record.deleted)

    def graph(self, record: GraphRecord) -> GraphRecord:
        """Return a directory object with pseudonyms."""
        return graph_record(self._fields(msgspec.json.decode(record.body), ""), deleted=record.deleted)

    def event(self, record: EventRecord) -> EventRecord:
        """Return an Activity Log event with pseudonyms."""
        return event_record(self._fields(msgspec.json.decode(record.body), ""))

    def name(self, text: str) -> str:
        """Return an ARM id, an object id or a name with pseudonyms."""
        if not text.startswith("/"):
            return self._pseudonyms.text(text)
        try:
            segments = ArmId.parse(text).segments
        except MalformedArmId:
            return self._pseudonyms.text(text)
        return "/" + "/".join(self._path(segments)) if segments else text

    def sentence(self, text: str) -> str:
        """Return the replacement of a sentence that somebody wrote."""
        return REDACTED if text else text

    def _path(self, segments: tuple[str, ...]) -> list[str]:
        """Return the segments of an ARM id with the names replaced; types and provider namespaces are kept."""
        path: list[str] = []
        for at, segment in enumerate(segments):
            before = segments[at - 1].lower() if at else ""
            stays = at % 2 == 0 or before in {PROVIDERS, "locations"}
            path.append(segment if stays else self._pseudonyms.text(segment))
        return path

    def _fields(self, held: dict[str, object], parent: str) -> dict[str, object]:
        return {self._key(key, item, parent): self._value(item, key, parent) for key, item in held.items()}

    def _key(self, key: str, value: object, parent: str) -> str:
        named = parent.lower() in {"tags", REDACTED} or (parent.lower() in _PARTS and isinstance(value, dict))
        if named or not _PROPERTY.fullmatch(key) or _IDENTIFYING.search(key):
            return self.name(key)
        self.kept.add((KEYS, key))
        return key

    def _value(self, value: object, field: str, parent: str) -> object:
        if isinstance(value, dict):
            inside = field if parent != REDACTED else REDACTED
            return self._fields(value, inside)
        if isinstance(value, list):
            return [self._value(item, field, parent) for item in value]
        return self._text(value, field, parent) if isinstance(value, str) else value

    def _text(self, text: str, field: str, parent: str) -> str:
        lowered = (parent if field.lower() in _WRAPPERS else field).lower()
        if not text or text == REMOVED or _MOMENT.fullmatch(text) or _PARAMETER.fullmatch(text):
            return text
        if parent.lower() != "tags" and self._stays(text, lowered, parent.lower()):
            if lowered not in _PERMISSIONS and not _OPERATION.fullmatch(text):
                self.kept.add((lowered, text))
            return text
        if lowered in self._vocabulary.free_text:
            return REDACTED
        if lowered == "condition":
            return _QUOTED.sub(self._literal, self._ids(text))
        return self._encoded(text) if text[:1] in {"{", "["} else self.name(text)

    def _stays(self, text: str, field: str, parent: str) -> bool:
        """Return whether a value is kept, because it is one of Azure's own words or a plain number."""
        if field in _PERMISSIONS or _OPERATION.fullmatch(text):
            return True
        if _NUMBER.fullmatch(text):
            return any(part in field for part in _NUMERIC_FIELDS)
        listed = field in self._vocabulary.fields or field.endswith(self._vocabulary.endings)
        listed = (listed and field not in self._vocabulary.personal) or parent in {"sku", "permissions"}
        return listed and bool(_CODE.fullmatch(text)) and not _IDENTIFYING.search(text)

    def _literal(self, quoted: re.Match[str]) -> str:
        """Return a literal of a condition, with its quotes; an action is kept, a name replaced."""
        mark, text = quoted[0][0], quoted[0][1:-1]
        known = _OPERATION.fullmatch(text) or text.lower() in {"user", "group", "serviceprincipal"}
        return f"{mark}{text if known else self._pseudonyms.text(text)}{mark}"

    def _ids(self, text: str) -> str:
        """Return a condition with its unquoted ids (role and principal ids in braces) replaced."""
        return _BARE_ID.sub(lambda found: self._pseudonyms.text(found[0]), text)

    def _encoded(self, text: str) -> str:
        """Return a text that contains JSON with the values inside replaced; any other text is replaced as a text."""
        try:
            held = json.loads(text)
        except ValueError:
            return self._pseudonyms.text(text)
        return json.dumps(self._value(held, REDACTED, REDACTED), separators=(",", ":"))


_BARE_ID = re.compile(r"(?<!['\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!['\w-])")
