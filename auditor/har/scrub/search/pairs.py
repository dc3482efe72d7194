"""Names with their values in a text that is no JSON: logs, forms, connection strings, scripts, cut documents."""

import re

from auditor.har.scrub.encodings import unquoted
from auditor.har.scrub.names import Named, by_name, is_token_like
from auditor.har.scrub.removals import MARKER, Kind, has_nothing
from auditor.har.scrub.search.forms import EMPHASIS, Remove

_NAME = re.compile(
    r"(?<![\w$.%~-])(?P<name>[\w$.%~-]++(?: [\w$.-]{1,40}){0,2})"
    r"(?P<mark>(?:\\*[\"'`]){0,2}\]?\s{0,40}(?::=|=>|=|:|\uff1a)\s{0,20}(?:[|>][+-]?[ \t]*\r?\n[ \t]+)?)"
    rf"{EMPHASIS}"
)
"""A name of up to three words, and what stands between it and its value: a mark, and the tags of a page."""
_PARTICIPLE = re.compile(r" (?:provided|given|supplied|used|specified|received|entered|passed|sent)$")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_LONGEST_NAME = 200
_SAYS = re.compile(r"[^\W_]")
_WORDS = re.compile(r"[\w$.~ -]+")
_QUOTE = re.compile(r"\\*[\"'`]")
_MARKED = re.compile(MARKER)
_NEXT = r"(?!\s|[\"']|[\w .$-]{1,40}\\*[\"']?[=:]|$)"
_AFTER_EQUALS = re.compile(rf"(?:[^&\s\"'<>\\;,]|[;,]{_NEXT}|\\(?![\"'nrt]))+")
_TO_END = re.compile(rf"(?:[^&\r\n\"'<>\\;,]|[;,]{_NEXT}|\\(?![\"'nrt]))+")
_LINE = re.compile(r"(?:[^\r\n\"'\\]|\\(?![\"'nrt]))+")
_CREDENTIALS = re.compile(rf"(?:[A-Za-z][\w.-]{{1,30}}[\s+]+)?(?:{MARKER}|[^\s\"'\\,;&]+)")
_AFTER_SCHEME = re.compile(rf"[A-Za-z][\w.-]{{1,30}}[\s+]+{MARKER}")
_TO_SEMICOLON = re.compile(r"[^;\r\n\"'<>]+")
_WHOLE_LINE = re.compile(r"[^\r\n]+")
_LOOSE = re.compile(
    r"(?i)(?<![\w%./-])(?P<name>[\w-]{0,40}(?:token|secret|password|passwd|passwort|pwd|passphrase|key|signature|credentials?"
    r"|authorization|assertion|cookie))(?P<gap>[\s,;|\"'`(]{1,12}|\s{1,4}(?:is|was)\b[\s:\"'`]{1,6})"
    r"(?P<value>[\w.~+/=!*$%-]{12,})"
)
"""A name and a value in a row of a table, a call or a sentence, where no mark tells that they belong together."""
_OPTION = re.compile(
    r"(?<!\S)--?(?P<name>[A-Za-z][\w-]{2,40})(?:[ ]{1,4})(?P<value>\"[^\"\r\n]*\"?|'[^'\r\n]*'?|[^\s\"'-]\S*)"
)
_LOGIN = re.compile(r"(?P<before>\baz login\b[^\r\n]{0,300}?\s-p[ =]+)(?P<value>\"[^\"]*\"?|'[^']*'?|\S+)")
_WITH_SCHEME = re.compile(
    r"(?i)(?:bearer|basic|token|api-?key|key|oauth|bot|sso-key|genie-?key|splunk|pop|dpop|negotiate|ntlm|sharedkey\w*|msauth\S*)[\s+]"
)
_WITH_PARAMETERS = re.compile(r"(?i)(?:digest|aws4\S*|sharedaccesssignature|oauth|hawk|mac|signature) [\w-]+ ?=")
_SAYS_WHAT_IS_WRONG = re.compile(
    r"(?i)(?:(?:the|this|your|its|value|must|should|may|can|cannot|can't|too|is|are|has|have|had|was|were|does|did|do|not|no"
    r"|invalid|incorrect|wrong|expired|required|missing|needs?|minimum|maximum|at|only|cannot|contains|longer|shorter|weak"
    r"|changed?|reset|unknown|failed|length|please)\b)"
    r"(?-i:(?:[ ,.:;]+\(?(?:[A-Za-z]?[a-z'-]*|[A-Z]{2,5}|\d{1,3})\)?)*)[.!?]?"
)
"""A sentence of plain words about a password, as *too short*; one of other words may be the password."""
_OF_ERRORS = re.compile(r"0x[0-9A-Fa-f]{8}\W{0,2}|(?:YES|NO)\)?")
"""What stands behind *password:* in errors of Windows and of databases (*using password: YES*)."""
_ADDED = re.compile(r"(?:\s*\+\s*(?:'[^'\r\n]*'|\"[^\"\r\n]*\"|`[^`\r\n]*`|[\w.()]+))+")
"""What a script adds to the beginning of a value."""
_END = {"[": "]", "{": "}"}


def without_pairs(text: str, remove: Remove) -> str:
    """Return a text with the values removed whose names are those of secrets: `name=value`, `"name": "value"`."""
    if ":" in text or "=" in text or "\uff1a" in text:
        text = _named_values(text, remove)
    text = _LOOSE.sub(lambda found: _beside(found, remove), text)
    if "-" in text:
        text = _OPTION.sub(lambda found: _option(found, remove), text)
        if "az login" in text:
            text = _LOGIN.sub(lambda found: found["before"] + _put(found["value"], Kind.PASSWORD, remove), text)
    return text


def named(name: str) -> Named | None:
    """Return what the words before a colon or an equals sign say: all of them, or the last one."""
    name = _PARTICIPLE.sub("", name[-_LONGEST_NAME:])
    name = unquoted(name) if "%" in name else name
    if not _WORDS.fullmatch(name):
        return None
    found = by_name(name)
    return found if found or " " not in name else by_name(name.rsplit(" ", 1)[1])


def ends_with_name(text: str) -> Named | None:
    """Return what a text that ends with a name and a mark says of the value that follows."""
    for found in _NAME.finditer(text[-300:]):
        if found.end() == len(text[-300:]):
            return named(found["name"])
    return None


_NEAR = 64
"""Characters before a name in which a semicolon tells that it stands in a list."""


def _named_values(text: str, remove: Remove) -> str:
    parts, position = [], 0
    found = _NAME.search(text)
    while found:
        stop = found.end()
        about = named(found["name"])
        if about is not None:
            start = stop
            before_it = text[max(0, found.start() - _NEAR) : found.start()]  # all of it would take quadratic time
            in_list = about.kind is Kind.PASSWORD and before_it.rstrip().endswith(";")
            before, value, after = _value_at(text, start, about, found["mark"], in_list=in_list)
            stop = start + len(before) + len(value) + len(after)
            if value and _is_secret(value, about, found["mark"], is_quoted=bool(before)):
                parts += [text[position:start], before, remove(about.kind, value), after]
                position = stop
        found = _NAME.search(text, stop)
    return "".join((*parts, text[position:])) if parts else text


def _value_at(text: str, start: int, about: Named, mark: str, *, in_list: bool) -> tuple[str, str, str]:
    """Return the quote before a value, the value, and the quote after it; `in_list` if it ends with a semicolon."""
    if (marked := _MARKED.match(text, start)) and text[marked.end() : marked.end() + 1] in "&;,\"'<>\\\r\n \t})":
        return "", marked[0], ""
    if quote := _QUOTE.match(text, start):
        return _quoted(text, start, quote[0])
    if text[start : start + 1] in _END:
        end = text.find(_END[text[start]], start)
        return "", text[start:] if end < 0 else text[start : end + 1], ""
    is_header = "=" not in mark
    if in_list and not is_header:
        pattern = _TO_SEMICOLON
    elif about.kind is Kind.COOKIE:
        pattern = _LINE if is_header else _AFTER_EQUALS
    elif about.kind is Kind.PASSWORD and is_header:
        pattern = _TO_END
    else:
        pattern = _of_credentials(text, start) if is_header else _AFTER_EQUALS
    value = pattern.match(text, start)
    if (
        value
        and not is_header
        and (more := _ADDED.match(text, value.end() - len(value[0]) + len(value[0].rstrip(" +"))))
    ):
        return "", text[start : more.end()], ""
    return "", value[0] if value else "", ""


def _of_credentials(text: str, start: int) -> re.Pattern[str]:
    """Return what a value is that may begin with a scheme of authentication."""
    if _WITH_PARAMETERS.match(text, start):
        return _WHOLE_LINE
    return _CREDENTIALS if _WITH_SCHEME.match(text, start) else _AFTER_EQUALS


def _quoted(text: str, start: int, quote: str) -> tuple[str, str, str]:
    """Return a value in quotes; it ends at the same quote with as many backslashes, or where the text ends."""
    if text.startswith(quote * 2, start) and text[start + 2 : start + 3].strip(",;}])\r\n \t&"):
        quote *= 2  # CSV
    begins = start + len(quote)
    for end in re.compile(rf"(?<!\\){re.escape(quote)}").finditer(text, begins):
        return quote, text[begins : end.start()], quote
    return quote, text[begins:], ""


def _is_secret(value: str, about: Named, mark: str, *, is_quoted: bool) -> bool:
    """Whether a value is removed. In a sentence (`invalid token: signature mismatch`), a plain word is not."""
    if has_nothing(unquoted(unquoted(value.strip()))) or not _SAYS.search(value) or _AFTER_SCHEME.fullmatch(value):
        return False
    if about.kind is Kind.PASSWORD and _OF_ERRORS.fullmatch(value.strip()):
        return False
    if about.unsure:
        return about.is_of(value.strip(",;."), is_parameter="=" in mark and not is_quoted)
    if not is_quoted and "=" not in mark and _SAYS_WHAT_IS_WRONG.fullmatch(value.strip()):
        return False
    if is_quoted or "=" in mark or about.kind in {Kind.PASSWORD, Kind.COOKIE}:
        return True
    return not re.fullmatch(r"[A-Za-z]?[a-z]{0,15}[,.;:!?)]{0,2}", value)


def _beside(found: re.Match[str], remove: Remove) -> str:
    about = by_name(found["name"])
    if about is None or about.unsure or not is_token_like(found["value"]) or _GUID.search(found["value"]):
        return found[0]
    return f"{found['name']}{found['gap']}{remove(about.kind, found['value'])}"


def _option(found: re.Match[str], remove: Remove) -> str:
    about = by_name(found["name"])
    if about is None or about.unsure or has_nothing(found["value"]):
        return found[0]
    return found[0].removesuffix(found["value"]) + _put(found["value"], about.kind, remove)


def _put(value: str, kind: Kind, remove: Remove) -> str:
    """Return the marker of a value of a command line, in its quotes."""
    quote = value[:1] if value[:1] in "\"'" else ""
    inside = value.strip(quote) if quote else value
    if has_nothing(inside) or inside.startswith("[removed:"):
        return value
    return f"{quote}{remove(kind, inside)}{quote}"
