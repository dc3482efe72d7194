"""What an answer says of a failure: the errors of Azure in it; secrets are still among them (`removed_secrets`)."""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice
from typing import Any

from auditor.audit.explain.azure_errors import AzureError, azure_errors
from auditor.audit.explain.error_details import Details, details_of
from auditor.audit.explain.pasted_text import PastedText, pasted
from auditor.har.addresses import cut
from auditor.har.bodies import CapturedBody
from auditor.har.removed_secrets import markup_without_secrets

LONGEST_BODY = 200_000
"""Characters of a body in which errors are looked for."""
_LONGEST_TEXT = 8_000
LONGEST_MESSAGE = 2_000
_HEADERS_MISSING = "requests must contain user identity headers"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,80}")
_XML_ERROR = re.compile(
    r"<(?:\w+:)?error\b[^<>]*>\s*<(?:\w+:)?code>(?P<code>[A-Za-z][\w.]{2,80})</(?:\w+:)?code>"
    r"(?:\s*<(?:\w+:)?message\b[^<>]*>(?P<message>[^<]*))?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"-?[1-9]\d{3,8}|0[xX][0-9A-Fa-f]{8}")
_MOST_NUMBERED = 20
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Said:
    """The errors that an answer names, those that tell most first, and a message."""

    errors: tuple[AzureError, ...] = ()
    message: str = ""

    @property
    def error(self) -> AzureError | None:
        """The error that tells most."""
        return self.errors[0] if self.errors else None

    @property
    def code(self) -> str:
        """Its code, or nothing."""
        return self.errors[0].code if self.errors else ""

    def __bool__(self) -> bool:
        """Whether the answer says anything of a failure."""
        return not self.is_empty

    @property
    def is_empty(self) -> bool:
        """Whether the answer says nothing of a failure."""
        return not self.errors and not self.message


def said_in(body: CapturedBody, longest: int = LONGEST_BODY) -> Said:
    """Return what the body of a failed call says, in its first `longest` characters where it is no JSON."""
    document = body.json()
    if isinstance(document, dict | list):
        return said_in_document(document)
    if not (said := _in_xml(body.text)).is_empty:
        return said
    return said_in_text(markup_without_secrets(cut(body.text, longest)))


def said_in_headers(headers: dict[str, str]) -> Said:
    """Return the error that the headers of an answer name, by their names in lower case; many come without a body."""
    if _CODE.fullmatch(code := headers.get("x-ms-error-code", "")):
        return Said((AzureError(code, "", Details()),))
    challenge = headers.get("www-authenticate", "")[:4_000]
    if error := re.search(r'\berror="([a-z_]{3,60})"', challenge):
        told = re.search(r'\berror_description="([^"]*)"', challenge)
        words = cut(told[1], LONGEST_MESSAGE) if told else ""
        return Said((AzureError(error[1], words, Details()),), words)
    return Said()


def _in_xml(text: str) -> Said:
    """Return the error of Azure Storage, `<Error><Code>…</Code><Message>…</Message></Error>`."""
    found = _XML_ERROR.search(text, 0, 4_000)
    if found is None:
        return Said()
    words = " ".join(cut(unescape(found["message"] or ""), LONGEST_MESSAGE).split())
    return Said((AzureError(found["code"], words, details_of(words)),), words)


def said_in_document(document: Any) -> Said:
    """Return what a JSON value says."""
    try:
        text = json.dumps(_shortened(document))
    except (ValueError, RecursionError):
        return Said()
    text = text[:LONGEST_BODY]
    found = pasted(text)
    strings = PastedText(found.text.removeprefix(text), found.documents)  # messages end where their strings do
    said = _with_numbers(_said(strings), document)
    return said if said.message else replace(said, message=cut(_words(document), LONGEST_MESSAGE))


def _with_numbers(said: Said, document: Any) -> Said:
    """Return what was said with the errors whose code is a number, as those of Site Recovery and of appliances are."""
    numbered = tuple(dict.fromkeys(islice(_numbered(document), _MOST_NUMBERED)))
    if not numbered:
        return said
    is_told = any(not one.is_wrapper for one in said.errors)
    errors = (*said.errors, *numbered) if is_told else (*numbered, *said.errors)
    return Said(errors, said.message if is_told else numbered[0].message)


def _numbered(document: Any) -> Iterator[AzureError]:
    for fields in _objects(document):
        code = fields.get("code", fields.get("errorcode"))
        words = fields.get("message", fields.get("errormessage"))
        is_number = isinstance(code, int | str) and not isinstance(code, bool) and _NUMBER.fullmatch(str(code))
        if is_number and isinstance(words, str) and words:
            yield AzureError(str(code), cut(words, LONGEST_MESSAGE), Details())


def _words(document: Any) -> str:
    """Return what the outermost object with a message says."""
    for fields in _objects(document):
        for name in ("message", "errormessage", "error_description", "error", "detail", "title", "resultvalue"):
            if isinstance(fields.get(name), str) and fields[name]:
                return str(fields[name])
    return ""


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects in a JSON value, outer ones first, by the names of their fields in lower case."""
    due = deque([document])
    while due:
        value = due.popleft()
        if isinstance(value, dict):
            yield {str(name).lower(): one for name, one in value.items()}
            due.extend(value.values())
        elif isinstance(value, list):
            due.extend(value)


def _shortened(value: Any) -> Any:
    """Return a JSON value with long texts cut, of which no message needs more."""
    if isinstance(value, dict):
        return {name[:200]: _shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    return cut(value, _LONGEST_TEXT) if isinstance(value, str) else value


def lacks_identity_headers(said: Said) -> bool:
    """Whether a service of Azure Migrate got a request without the headers that say who sends it."""
    texts = (said.message, *(error.message for error in said.errors))
    return any(_HEADERS_MISSING in text.lower() for text in texts)


def said_in_text(text: str) -> Said:
    """Return the errors in a text, or the beginning of what it shows."""
    return _said(pasted(text))


def _said(found: PastedText) -> Said:
    errors = tuple(replace(one, message=cut(one.message, LONGEST_MESSAGE)) for one in azure_errors(found))
    if errors:
        message = next((error.message for error in errors if error.message), "")
        return Said(errors, cut(" ".join(message.split()), LONGEST_MESSAGE))
    visible = "" if found.documents else " ".join(_TAGS.sub(" ", found.text).split())
    return Said((), cut(visible, 300))
