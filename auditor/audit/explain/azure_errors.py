"""Errors of Azure in a text: their codes and messages, in the shapes of Resource Manager, Graph, Entra and `az`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from auditor.audit.explain.azure_sentences import sentences
from auditor.audit.explain.error_details import Details, details_of
from auditor.audit.explain.pasted_text import PastedText

_MOST = 200
"""Maximum number of errors that are read of one text, repeated ones too: each is compared with those before it."""
_LONGEST_MESSAGE = 8_000
_SURE = frozenset({"details", "innererror", "additionalinfo", "target", "error_description"})
"""Keys that make an object with a code an error, even without a message."""

_CODE = r"[A-Za-z][A-Za-z0-9_.]{2,80}"
_OF_CLI = re.compile(rf"(?m)^\W*(?:ERROR:\s*)?\(({_CODE})\)\s*(\S.*(?:\n(?!\W*(?:Code:|\({_CODE}\))).*){{0,20}})")
"""`(Code) message`, as `az` prints an error."""
_LABELLED = re.compile(
    rf"""(?ix) (?<![\w.]) (?:error[ _-]?)? (?:code|kind) ["']? \s* [:=] \s* ["']? ({_CODE})\b"""
    r"""(?: ["']? [\s,;.|]* \b message ["']? \s* [:=] \s* ["']? ([^\n]+) )?"""
)
"""`Code: … Message: …`, `"code": "…"` of a document that was cut, `ErrorCode=…`."""
_OF_ENTRA = re.compile(r"\b((?:AADSTS|AKV)\d{4,7})\b:?[ \t]*([^\n]*)")

_WRAPPERS = frozenset(
    {
        "badrequest",
        "conflict",
        "deploymentfailed",
        "forbidden",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalidtemplatedeployment",
        "multipleerrorsoccurred",
        "notfound",
        "resourcedeploymentfailure",
        "resourcepostdeploymentscript",
        "unauthorized",
        "unauthorized_client",
    }
)
"""Codes that only say that something failed; what failed is in an inner error or in the message."""


@dataclass(frozen=True, slots=True)
class AzureError:
    """One error: its code, its message, and what the message names. `depth` counts the errors around it."""

    code: str
    message: str
    details: Details
    depth: int = 0

    @property
    def is_wrapper(self) -> bool:
        """Whether the code says nothing about the cause."""
        return is_wrapper(self.code)


def is_wrapper(code: str) -> bool:
    """Whether a code only says that something failed, such as `DeploymentFailed`."""
    return code.lower() in _WRAPPERS


def azure_errors(said: PastedText) -> tuple[AzureError, ...]:
    """Return the errors in a text, those that tell most first; what is said twice of one error is joined."""
    found: dict[str, list[AzureError]] = {}
    documents = (error for document in said.documents for error in _in_document(document))
    for error in islice(chain(documents, _in_text(said.text)), _MOST):
        _join(found.setdefault(error.code.lower(), []), error)
    every = [error for same in found.values() for error in same]
    return tuple(sorted(every, key=lambda error: (error.is_wrapper, -error.depth)))


def _join(same: list[AzureError], error: AzureError) -> None:
    """Add an error to those with its code, or to the one of them that it does not contradict."""
    for number, known in enumerate(same):
        details = known.details.joined(error.details)
        if details is not None:
            message = known.message or error.message
            same[number] = AzureError(known.code, message, details, max(known.depth, error.depth))
            return
    same.append(error)


def _in_document(document: Any) -> Iterator[AzureError]:
    """Yield every object with a code, and the errors of OAuth with a description; in the order of the document."""
    waiting: list[tuple[Any, int, str]] = [(document, 0, "")]
    while waiting:
        value, depth, around = waiting.pop()
        if isinstance(value, list):
            waiting.extend((one, depth, "") for one in reversed(value))
        elif isinstance(value, dict):
            error = _error_of(value, depth, around)
            inside, message = (depth, "") if error is None else (depth + 1, error.message)
            if error is not None:
                yield error
            waiting.extend(
                (one, inside, message if str(key).lower() == "innererror" else "")
                for key, one in reversed(value.items())
                if isinstance(one, dict | list)
            )


def _error_of(body: dict[str, Any], depth: int, around: str) -> AzureError | None:
    """Return the error that an object is; `around` is the message of the error whose inner error it is."""
    fields = {str(key).lower(): one for key, one in body.items()}
    code, message = fields.get("code", fields.get("errorcode")), fields.get("message", fields.get("errormessage"))
    if not isinstance(code, str) and isinstance(fields.get("error"), str):  # of Entra's token endpoint
        code, message = fields["error"], fields.get("error_description")
    said = (message if isinstance(message, str) else around)[:_LONGEST_MESSAGE]
    if not isinstance(code, str) or not re.fullmatch(_CODE, code) or not (said or _SURE & set(fields)):
        return None
    return AzureError(code, said, details_of(said, body), depth)


def _in_text(text: str) -> Iterator[AzureError]:
    for pattern in (_OF_CLI, _LABELLED, _OF_ENTRA):
        for match in pattern.finditer(text):
            message = (match[2] or "")[:_LONGEST_MESSAGE]
            if pattern is not _LABELLED or _is_code(match[1]):
                yield AzureError(match[1], message, details_of(message), depth=int(pattern is _OF_ENTRA))
    for code, message in sentences(text):
        yield AzureError(code, message, details_of(message), depth=1)


def _is_code(word: str) -> bool:
    """Whether a labelled word is a code of Azure: a compound such as `ScopeLocked` or `Forbidden`, no ordinary word."""
    return word[0].isupper() and not word.isupper()
