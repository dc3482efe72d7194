"""The scrubbing of bodies: texts are scrubbed, and what is no text, or too large to judge, is left out."""

import json
import re
import zlib
from typing import Any

from auditor.har.scrub.encodings import decoded_base64, encoded_base64, is_text, text_of
from auditor.har.scrub.json_values import JsonFields
from auditor.har.scrub.removals import Kind, has_nothing, marker
from auditor.har.scrub.search.markup import is_table, without_columns
from auditor.har.scrub.text import Scrubber

LONGEST_BODY = 8 * 1024 * 1024
"""Characters of a body beyond which it is left out: what is cut or too large cannot be judged as a whole."""
_BINARY = re.compile(
    r"(?:image|font|audio|video|model)/|application/(?:wasm|zip|gzip|pdf|x-protobuf|protobuf|grpc|x-font|vnd\.ms-fontobject"
    r"|font|x-msdownload|java-archive|x-7z|x-tar|x-brotli|vnd\.google\.protobuf|msgpack|x-msgpack|cbor)",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"(?:text|application)/(?:x-)?(?:javascript|ecmascript|css|typescript)", re.IGNORECASE)
_TABLE = re.compile(r"(?:text|application)/(?:csv|tab-separated|vnd\.ms-excel)", re.IGNORECASE)
_TEXT = re.compile(r"text/|json|xml|urlencoded", re.IGNORECASE)
_COMPRESSED = (b"\x1f\x8b", b"\x78\x9c", b"\x78\x01", b"\x78\xda")
_OF_TEXT = ("{", "[", "<")
_FORM = "application/x-www-form-urlencoded"
_ADDED = "comment"


class ScrubbedBodies:
    """Bodies of requests, answers and messages without secrets."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber
        self._removals = scrubber.removals
        self._fields = JsonFields(scrubber)

    def content(self, content: dict[str, Any], *, is_secret: bool) -> dict[str, Any]:
        """Return the content of a response; of one that consists of secrets, only ids and names of properties."""
        return self._with_text(content, ("size", "compression", "mimeType", "text", "encoding", _ADDED), is_secret)

    def posted(self, posted: dict[str, Any], *, is_secret: bool) -> dict[str, Any]:
        """Return the body of a request, as text and as a list of parameters."""
        known = ("mimeType", "params", "text", "encoding", "_encoding", "size", _ADDED)
        scrubbed = self._with_text(posted, known, is_secret)
        if isinstance(params := posted.get("params"), list):
            scrubbed["params"] = [self._parameter(one) for one in params]
        elif "params" in posted:
            scrubbed["params"] = self._scrubber.value(posted["params"])
        return scrubbed

    def message(self, data: str, *, is_binary: bool) -> str:
        """Return the data of a message of a WebSocket; those of a binary one are base64."""
        if has_nothing(data):
            return data
        scrubbed, kind = self._base64(data, "", False) if is_binary else self._text(data, "", False)
        return scrubbed if kind is None else self._removals.remove(kind)

    def secret(self, value: Any) -> Any:
        """Return a JSON value that consists of secrets with only ids and the names of properties left."""
        return self._fields.removed(value, Kind.SECRET)

    def _with_text(self, body: dict[str, Any], known: tuple[str, ...], is_secret: bool) -> dict[str, Any]:
        scrubbed = {key: self._scrubber.value(value) for key, value in body.items() if key in known and key != "text"}
        for _ in body.keys() - set(known):
            self._removals.remove(Kind.UNKNOWN_FIELD)
        text = body.get("text")
        if not isinstance(text, str) or has_nothing(text):
            return scrubbed if text is None or not isinstance(text, str) else {**scrubbed, "text": text}
        mime = body.get("mimeType")
        mime = mime if isinstance(mime, str) else ""
        encoding = body.get("encoding", body.get("_encoding", ""))
        if str(encoding).lower() == "base64" and text.lstrip().startswith(_OF_TEXT):  # as some programs write a text
            encoding = ""
            scrubbed = {key: value for key, value in scrubbed.items() if key not in {"encoding", "_encoding"}}
        if not encoding and text.startswith(("\x1f\x8b", "x\x9c", "x\x01", "x\xda")):  # compressed, and taken for text
            text = _text_of_body(text.encode("latin-1", "replace"), mime) or text
        if not encoding:
            left, kind = self._text(text, mime, is_secret)
        elif str(encoding).lower() == "base64":
            left, kind = self._base64(text, mime, is_secret)
        else:
            left, kind = "", Kind.UNREADABLE
        if kind is not None:
            self._removals.remove(kind)
            scrubbed.pop("encoding", None)
            scrubbed.pop("_encoding", None)
            return {**scrubbed, _ADDED: marker(kind)}
        return {**scrubbed, "text": left}

    def _base64(self, text: str, mime: str, is_secret: bool) -> tuple[str, Kind | None]:
        """Return base64 of the scrubbed text, or the kind as which a body is left out."""
        data = decoded_base64(text)
        if data is None:
            return "", Kind.UNREADABLE
        inside = _text_of_body(data, mime)
        if inside is None:
            return "", Kind.BINARY
        scrubbed, kind = self._text(inside, mime, is_secret)
        return (text if scrubbed == inside else encoded_base64(scrubbed, like=text)), kind

    def _text(self, text: str, mime: str, is_secret: bool) -> tuple[str, Kind | None]:
        """Return the scrubbed text, or the kind as which a body is left out."""
        if len(text) > LONGEST_BODY:
            return "", Kind.UNREADABLE
        if is_secret:
            return self._secret(text), None
        is_json = text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}
        if not is_json and _SCRIPT.match(mime):
            return "", Kind.SCRIPT
        if (not is_json and _BINARY.match(mime)) or not is_text(text):
            return "", Kind.BINARY
        if mime.lower().startswith(_FORM) and not is_json:
            return self._scrubber.form(text), None
        if _TABLE.match(mime) or is_table(text):
            text = without_columns(text, self._removals.remove)
        return self._scrubber.text(text), None

    def _secret(self, text: str) -> str:
        """Return an answer that consists of secrets with all its values removed."""
        try:
            document = json.loads(text)
            scrubbed = self.secret(document)
            return text if scrubbed == document else json.dumps(scrubbed, ensure_ascii=False)
        except (ValueError, RecursionError):
            return self._removals.remove(Kind.SECRET, text)

    def _parameter(self, parameter: Any) -> Any:
        """Return a parameter `{name, value, fileName, contentType}`; the content of a file is removed."""
        if not isinstance(parameter, dict):
            return self._scrubber.value(parameter)
        name = parameter.get("name")
        scrubbed = {key: self._scrubber.value(value) for key, value in parameter.items() if key != "value"}
        value = parameter.get("value")
        if not isinstance(value, str):
            return scrubbed if value is None else {**scrubbed, "value": self._scrubber.value(value)}
        if parameter.get("fileName") and not has_nothing(value):
            return {**scrubbed, "value": self._removals.remove(Kind.BINARY)}
        return {**scrubbed, "value": self._scrubber.parameter(name if isinstance(name, str) else "", value)}


def _text_of_body(data: bytes, mime: str) -> str | None:
    """Return the text of a body, also of one that was left compressed; None if it is none or too large."""
    if data.startswith(_COMPRESSED):
        unpacking = zlib.decompressobj(wbits=47)  # gzip or zlib
        try:
            data = unpacking.decompress(data, LONGEST_BODY)
        except zlib.error:
            return None
        if not unpacking.eof:
            return None
    text = text_of(data)
    if text is None and _TEXT.search(mime):
        text = data.decode("latin-1")
    return text if text is not None and is_text(text) else None
