"""Bodies of a capture as text and as JSON: base64, bodies that were left compressed, and binary ones."""

import base64
import binascii
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

from auditor.audit.explain.pasted_text import decoded

_LARGEST_UNPACKED = 16 * 1024 * 1024
_LONGEST_PARSED = 16 * 1024 * 1024
_COMPRESSED = b"\x1f\x8b"
_DEFLATED = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_GUARD = ")]}'"
"""What some services write before JSON, so that no page can use it as a script."""

_STRANGE = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\ufffd]")
"""Characters that no text of a service has."""


@dataclass(frozen=True, slots=True)
class CapturedBody:
    """A body: its text, and whether it is one that holds no text. `is_absent` says that the capture has none."""

    text: str = ""
    is_binary: bool = False

    @property
    def is_absent(self) -> bool:
        """Whether the capture says nothing about what the body was."""
        return not self.text and not self.is_binary

    def json(self) -> Any:
        """Return the JSON value that the body is, or None."""
        text = self.text.strip().lstrip("\ufeff").removeprefix(_GUARD)
        if not text.startswith(("{", "[")) or len(text) > _LONGEST_PARSED:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None


def response_body(content: object) -> CapturedBody:
    """Return the body in `response.content`, which some programs write as a text alone."""
    return _body({"text": content} if isinstance(content, str) else content)


def request_body(posted: object) -> CapturedBody:
    """Return the body in `request.postData`."""
    return _body(posted)


def _body(held: object) -> CapturedBody:
    if not isinstance(held, dict) or not isinstance(held.get("text"), str):
        return CapturedBody()
    text: str = held["text"]
    encoding = str(held.get("encoding") or held.get("_encoding") or "").lower()
    if encoding == "base64" and not text.lstrip().startswith(("{", "[", "<")):  # what some write of a text, too
        try:
            return _of_bytes(base64.b64decode("".join(text.split()), validate=False))
        except (binascii.Error, ValueError):
            return CapturedBody(is_binary=True)
    if text.startswith(("\x1f\x8b", "\x1f\ufffd")):  # compressed, and taken for text
        return _of_bytes(text.encode("latin-1", "replace"))
    return _of_text(text)


def _of_bytes(data: bytes) -> CapturedBody:
    if data.startswith((_COMPRESSED, *_DEFLATED)):
        try:
            data = zlib.decompressobj(wbits=47).decompress(data, _LARGEST_UNPACKED)  # gzip or zlib
        except zlib.error:
            return CapturedBody(is_binary=True)
    return _of_text(decoded(data))


def _of_text(text: str) -> CapturedBody:
    sample = text[:4_096]
    return CapturedBody(is_binary=True) if len(_STRANGE.findall(sample)) * 20 > len(sample) else CapturedBody(text)
