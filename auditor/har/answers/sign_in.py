"""What the sign-in says of a refusal: in JSON, on a page, in the address or the form that it sends the browser with.

The errors of OAuth are those of RFC 6749 and OpenID Connect; `error_codes` holds the numbers of Entra's (AADSTS). The
endpoints of multi-factor authentication (`/common/SAS/EndAuth`) answer 200 with `Success` and `ResultValue`.
"""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import unquote_plus

from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.explain.error_details import Details
from auditor.audit.explain.pasted_text import pasted
from auditor.har.addresses import cut, parameters
from auditor.har.answers.said import LONGEST_MESSAGE, Said, said_in_document, said_in_text
from auditor.har.bodies import CapturedBody
from auditor.har.removed_secrets import markup_without_secrets

_LONGEST_PAGE = 200_000
_LONGEST_FORM = 20_000
_CONFIG = re.compile(r"\$Config\s*=\s*(?=\{)")
_OF_CONFIG = ("strServiceExceptionMessage", "strMainMessage", "strAdditionalMessage", "sErrTxt")
_AADSTS = re.compile(r"\bAADSTS\d{4,7}\b")
_ENTRA_ERROR = re.compile(r"[a-z_]{3,60}")
_OF_OAUTH = frozenset(
    {"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope"}
    | {"server_error", "temporarily_unavailable", "interaction_required", "login_required", "consent_required"}
    | {"account_selection_required", "invalid_grant", "invalid_client", "invalid_resource", "unsupported_grant_type"}
    | {"invalid_request_object", "invalid_request_uri", "registration_not_supported", "request_not_supported"}
    | {"expired_token", "bad_verification_code", "authorization_declined", "slow_down", "invalid_instance"}
)
_TAGS = re.compile(r"<[^>]*>")
_IS_PAGE = re.compile(r"\s*(?:<!doctype|<html|<\?xml|<head|<body|<form)", re.IGNORECASE)
_ON_PAGE = re.compile(r"(?i)\berror code:?\s{1,9}(\d{5,7})\b")
_INPUT = re.compile(r"<input\b[^<>]{0,9000}>", re.IGNORECASE)
_NAME = re.compile(r"""(?i)\bname\s*=\s*["']?(error\w{0,30})""")
_VALUE = re.compile(r"""(?i)\bvalue\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_GOOD = frozenset({"", "success", "authenticationpending", "authenticationthrottled.pending"})
"""Results of multi-factor authentication that are no refusal (yet)."""
_LOWEST = 16_000
"""The lowest number of Entra's errors; the pages of the sign-in have smaller ones of their own."""


def said_by_sign_in(body: CapturedBody) -> Said:
    """Return what an answer of the sign-in says, whatever its status; nothing for one that refuses nothing."""
    document = body.json()
    if isinstance(document, dict):
        return _in_json({str(name).lower(): one for name, one in document.items()}, document)
    return _on_page(body.text)


def said_in_redirect(url: object) -> Said:
    """Return the error that an address carries, as Entra sends it to an application that asked for a sign-in."""
    return _in_fields(parameters(url))


def said_in_form(posted: object) -> Said:
    """Return the error in the body of a request, which is the same in a form."""
    if not isinstance(posted, dict):
        return Said()
    rows, text = posted.get("params"), posted.get("text")
    if isinstance(rows, list):
        named = {str(one.get("name")): one.get("value") for one in rows[:200] if isinstance(one, dict)}
        fields = {name: _decoded(value) for name, value in named.items() if isinstance(value, str)}
        if not (said := _in_fields(fields)).is_empty:
            return said
    if isinstance(text, str) and "error" in (beginning := text[:_LONGEST_FORM]):
        return said_in_redirect(f"?{beginning}")
    return Said()


def said_on_way_back(body: CapturedBody) -> Said:
    """Return the error in the form that a page of the sign-in sends on by itself."""
    if "<form" not in body.text[:_LONGEST_PAGE].lower():
        return Said()
    fields = {}
    for found in _INPUT.finditer(body.text[:_LONGEST_PAGE]):
        name, value = _NAME.search(found[0]), _VALUE.search(found[0])
        if name and value:
            fields[name[1].lower()] = unescape(value[1] if value[1] is not None else value[2])
    return _in_fields(fields)


def _in_fields(fields: dict[str, str]) -> Said:
    code, description = fields.get("error", ""), fields.get("error_description", "")
    is_told = bool(description or fields.get("error_subcode") or fields.get("suberror"))
    if not _ENTRA_ERROR.fullmatch(code) or not (is_told or code in _OF_OAUTH):
        return Said()
    description = cut(description, LONGEST_MESSAGE)
    said = said_in_text(description)
    return said if said.errors else _one(code, description or fields.get("error_subcode", ""))


def _in_json(fields: dict[str, Any], document: dict[str, Any]) -> Said:
    if fields.get("success") is False and isinstance(fields.get("resultvalue"), str):
        return _of_factor(fields)
    inner = fields.get("error")
    if isinstance(inner, dict):
        held = {str(name).lower(): one for name, one in inner.items()}
        number, words = _number(held.get("code")), held.get("message")
        if number:
            return _one(f"AADSTS{number}", words if isinstance(words, str) else "")
        return said_in_document(document)
    error = str(inner) if isinstance(inner, str) else ""
    if not error:
        numbers = (_number(fields.get(name)) for name in ("serrorcode", "ierrorcode", "errcode", "errorcode"))
        number = next(filter(None, numbers), 0)
        return _one(f"AADSTS{number}", "") if number else Said()
    said = said_in_document(document)
    if any(one.code.startswith("AADSTS") for one in said.errors):
        return said
    codes = fields.get("error_codes")
    number = next(filter(None, map(_number, codes)), 0) if isinstance(codes, list) else 0
    told = [fields.get(name) for name in ("error_description", "suberror", "error_subcode")]
    words = "".join([one for one in told if isinstance(one, str)][:1])
    if number:
        return _one(f"AADSTS{number}", words or error)
    return said if said.errors or not _ENTRA_ERROR.fullmatch(error) else _one(error, words)


def _of_factor(fields: dict[str, Any]) -> Said:
    """Return why multi-factor authentication was refused."""
    result, words = fields["resultvalue"], fields.get("message")
    if result.lower() in _GOOD:
        return Said()
    told = f"{result}: {words}" if isinstance(words, str) and words else result
    number = _number(fields.get("errcode"))
    return _one(f"AADSTS{number}" if number else result, told)


def _number(code: Any) -> int:
    """Return the number of an error of Entra, or 0 for anything else."""
    is_number = isinstance(code, int | str) and not isinstance(code, bool) and re.fullmatch(r"\d{5,7}", str(code))
    return int(code) if is_number and int(code) >= _LOWEST else 0


def _one(code: str, words: str) -> Said:
    words = " ".join(cut(words, LONGEST_MESSAGE).split())
    return Said((AzureError(code[:80], words, Details()),), words)


def _on_page(text: str) -> Said:
    """Return the error on a page; of its settings nothing else is looked at, for they hold tokens."""
    found = _CONFIG.search(text)
    if found is None:
        return _in_words(text)
    try:
        settings, _ = json.JSONDecoder().raw_decode(text, found.end())
    except (ValueError, RecursionError):
        code = _AADSTS.search(text)
        return said_in_text(code[0]) if code else Said()
    told = [settings[name] for name in _OF_CONFIG if isinstance(settings.get(name), str) and settings[name]]
    number = str(settings.get("sErrorCode") or settings.get("iErrorCode") or "")
    words = cut(_TAGS.sub(" ", "\n".join(told)), LONGEST_MESSAGE)
    if number.isdecimal() and int(number) and not _AADSTS.search(words):
        words = f"AADSTS{number}: {words}"
    return said_in_text(words) if _AADSTS.search(words) else Said()


def _in_words(text: str) -> Said:
    """Return the error that a page without settings shows: its number, and what stands beside it."""
    if not _IS_PAGE.match(text[:2_000]):
        return Said()
    shown = pasted(text[:_LONGEST_PAGE]).text
    if "AADSTS" in shown:
        shown = pasted(markup_without_secrets(text[:_LONGEST_PAGE])).text
    if code := _AADSTS.search(shown):
        return said_in_text(cut(shown[code.start() :], LONGEST_MESSAGE))
    if number := _ON_PAGE.search(shown):
        return _one(f"AADSTS{number[1]}", "")
    return Said()


def _decoded(value: str) -> str:
    """Return the value of a form, which some browsers leave encoded."""
    return unquote_plus(value) if "%20" in value or ("+" in value and " " not in value) else value
