"""What an answer says of a failure: the errors of Azure in it, with secrets taken out."""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from auditor.audit.explain.azure_errors import AzureError, azure_errors
from auditor.audit.explain.error_details import Details
from auditor.audit.explain.pasted_text import pasted
from auditor.har.addresses import parameters, plain
from auditor.har.bodies import CapturedBody
from auditor.inventory.snapshot.secrets import without_secrets

_LONGEST = 200_000
"""Characters of a body in which errors are looked for."""
_LONGEST_TEXT = 8_000
_LONGEST_MESSAGE = 2_000
_CONFIG = re.compile(r"\$Config\s*=\s*(?=\{)")
_OF_CONFIG = ("strServiceExceptionMessage", "strMainMessage", "strAdditionalMessage", "sErrTxt")
_AADSTS = re.compile(r"\bAADSTS\d{4,7}\b")
_ENTRA_ERROR = re.compile(r"[a-z_]{3,60}")
_HEADERS_MISSING = "requests must contain user identity headers"
_NUMBER = re.compile(r"-?[1-9]\d{3,8}|0[xX][0-9A-Fa-f]{8}")
_MOST_NUMBERED = 20
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Said:
    """The errors that an answer names, those that tell most first, and a message; all without secrets."""

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

    @property
    def is_empty(self) -> bool:
        """Whether the answer says nothing of a failure."""
        return not self.errors and not self.message


def said_in(body: CapturedBody, longest: int = _LONGEST) -> Said:
    """Return what the body of a failed call says, in its first `longest` characters where it is no JSON."""
    document = body.json()
    if isinstance(document, dict | list):
        return said_in_document(document)
    if (page := _sign_in_page(body.text)) is not None:
        return page
    lines = (plain(line) for line in body.text[:longest].splitlines())
    return _said("\n".join(lines))


def said_in_document(document: Any) -> Said:
    """Return what a JSON value says."""
    try:
        text = json.dumps(without_secrets(_shortened(document)))
    except (ValueError, RecursionError):
        return Said()
    said = _with_numbers(_said(plain(text, _LONGEST)), document)
    return said if said.message else replace(said, message=plain(_words(document), _LONGEST_MESSAGE))


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
            yield AzureError(str(code), plain(words, _LONGEST_MESSAGE), Details())


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
    return value[:_LONGEST_TEXT] if isinstance(value, str) else value


def said_in_redirect(url: object) -> Said:
    """Return the error that an address carries, as Entra sends it to an application that asked for a sign-in."""
    given = parameters(url)
    code, description = given.get("error", ""), given.get("error_description", "")
    if not _ENTRA_ERROR.fullmatch(code) or not (description or given.get("error_subcode")):
        return Said()
    description = plain(description, _LONGEST_MESSAGE)
    said = _said(description)
    return said if said.errors else Said((AzureError(code, description, Details()),), description)


def said_on_page(body: CapturedBody) -> Said:
    """Return the error on a page of the sign-in, which comes with the status 200."""
    return _sign_in_page(body.text) or Said()


def lacks_identity_headers(said: Said) -> bool:
    """Whether a service of Azure Migrate got a request without the headers that say who sends it."""
    texts = (said.message, *(error.message for error in said.errors))
    return any(_HEADERS_MISSING in text.lower() for text in texts)


def _said(text: str) -> Said:
    found = pasted(text)
    errors = tuple(replace(one, message=one.message[:_LONGEST_MESSAGE]) for one in azure_errors(found))
    if errors:
        message = next((error.message for error in errors if error.message), "")
        return Said(errors, " ".join(message.split())[:_LONGEST_MESSAGE])
    visible = "" if found.documents else " ".join(_TAGS.sub(" ", found.text).split())
    return Said((), visible[:300])


def _sign_in_page(text: str) -> Said | None:
    """Return the error in the settings of a sign-in page; of them nothing else is looked at, for they hold tokens."""
    found = _CONFIG.search(text)
    if found is None:
        return None
    try:
        settings, _ = json.JSONDecoder().raw_decode(text, found.end())
    except (ValueError, RecursionError):
        code = _AADSTS.search(text)
        return None if code is None else _said(code[0])
    told = [settings[name] for name in _OF_CONFIG if isinstance(settings.get(name), str) and settings[name]]
    number = str(settings.get("sErrorCode") or settings.get("iErrorCode") or "")
    words = plain(_TAGS.sub(" ", "\n".join(told)), _LONGEST_MESSAGE)
    if number.isdecimal() and number != "0" and not _AADSTS.search(words):
        words = f"AADSTS{number}: {words}"
    return _said(words) if _AADSTS.search(words) else None
