"""Names with their values in HTML and XML (elements, attributes, fields), in parts of multipart bodies, and in CSV."""

import csv
import io
import re
from collections.abc import Iterator

from auditor.har.scrub.forms import Remove
from auditor.har.scrub.names import Named, by_name, is_token_like
from auditor.har.scrub.removals import Kind, has_nothing

_TAG = re.compile(r"<(?P<element>[A-Za-z_][\w:.-]{0,100})(?P<attributes>(?:\s(?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+)?)>")
_ATTRIBUTE = re.compile(r"(?P<name>[\w:.-]{1,100})\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_NAMING = frozenset({"name", "id", "key", "property", "http-equiv", "data-name", "aria-label", "for", "itemprop"})
_HOLDING = frozenset({"value", "content", "data-value", "defaultvalue"})
_NAMED_BESIDE = re.compile(
    r"<(?P<tag>name|key|string|property)\b[^<>]*>(?P<name>[^<>]{1,100})</(?P=tag)>\s*<(?P<of>value|string|data|text)\b[^<>]*>"
    r"(?P<value>[^<]+)",
    re.IGNORECASE,
)
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_INSIDE = re.compile(r"(?<=>)[^<>\s]{12,}(?=<)")
_ALWAYS = frozenset({"assertion", "requestedsecuritytoken", "binarysecuritytoken", "ciphervalue", "signaturevalue"})
"""Elements of SAML and WS-Trust that are removed with all they contain."""


def without_markup(text: str, remove: Remove) -> str:
    """Return HTML or XML with the values removed of elements, attributes and fields that are named like secrets."""
    text = "".join(_elements(text, remove))
    return _NAMED_BESIDE.sub(lambda found: _beside(found, remove), text)


def _elements(text: str, remove: Remove) -> Iterator[str]:
    position = 0
    while found := _TAG.search(text, position):
        yield text[position : found.start()]
        attributes, field = _attributes(found["attributes"], remove)
        yield f"<{found['element']}{attributes}>"
        position = found.end()
        local = found["element"].rsplit(":", 1)[-1].lower()
        about = Named(Kind.TOKEN) if local in _ALWAYS else field or by_name(local)
        if about is None or found["attributes"].endswith("/"):
            continue
        end = text.find(f"</{found['element']}", position)
        content = text[position:] if end < 0 else text[position:end]
        if about.unsure and "<" in content:
            content = _INSIDE.sub(lambda found, kind=about.kind: _token(found, kind, remove), content)  # type: ignore[misc]
            text = text[:position] + content + ("" if end < 0 else text[end:])
            continue
        if not about.is_of(content.strip()):
            continue
        if local in {"input", "meta", "link", "br", "img"} or has_nothing(content) or content.strip() == "":
            continue
        yield remove(about.kind, content.strip().removeprefix("<![CDATA[").removesuffix("]]>"))
        position += len(content)
    yield text[position:]


def _token(found: re.Match[str], kind: Kind, remove: Remove) -> str:
    return remove(kind, found[0]) if is_token_like(found[0]) and not _GUID.search(found[0]) else found[0]


def _attributes(attributes: str, remove: Remove) -> tuple[str, Named | None]:
    """Return attributes without secrets, and what the name of a field says of the text inside its element."""
    if "=" not in attributes:
        return attributes, None
    named = [by_name(_bare(one["value"])) for one in _ATTRIBUTE.finditer(attributes) if one["name"].lower() in _NAMING]
    field = next((one for one in named if one is not None), None)
    holds = any(one["name"].lower() in _HOLDING for one in _ATTRIBUTE.finditer(attributes))

    def cleaned(found: re.Match[str]) -> str:
        name, value = found["name"].lower(), _bare(found["value"])
        if name in _NAMING or has_nothing(value):
            return found[0]
        about = field if name in _HOLDING and field else by_name(name.removeprefix("data-"))
        if about is None or not about.is_of(value, is_parameter=True):
            return found[0]
        quote = found["value"][0] if found["value"][0] in "\"'" else '"'
        return found[0].removesuffix(found["value"]) + f"{quote}{remove(about.kind, value)}{quote}"

    return _ATTRIBUTE.sub(cleaned, attributes), None if holds else field


def _bare(value: str) -> str:
    return value[1:-1] if value[0] in "\"'" else value


def _beside(found: re.Match[str], remove: Remove) -> str:
    about = by_name(found["name"].strip())
    value = found["value"].strip()
    if about is None or has_nothing(value) or not about.is_of(value, is_parameter=True):
        return found[0]
    return found[0].removesuffix(found["value"]) + remove(about.kind, value)


_PART = re.compile(
    r"(?P<head>^content-disposition:[^\r\n]{0,500}?;[ \t]*name=(?P<quote>\"?)(?P<name>[^\";\r\n]{1,200})(?P=quote)"
    r"[^\r\n]{0,500}(?:\r?\n[^\r\n]{1,2000}){0,20}+\r?\n\r?\n)(?P<value>.*?)(?=\r?\n--|\Z)",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)


def without_parts(text: str, remove: Remove) -> str:
    """Return a multipart body without the values of secret fields and without uploaded files."""
    return _PART.sub(lambda found: _part(found, remove), text)


def _part(found: re.Match[str], remove: Remove) -> str:
    value = found["value"]
    if has_nothing(value):
        return found[0]
    if "filename" in found["head"].lower():
        return found["head"] + remove(Kind.BINARY, "")
    about = by_name(found["name"])
    if about is None or not about.is_of(value.strip(), is_parameter=True):
        return found[0]
    return found["head"] + remove(about.kind, value)


def without_columns(table: str, remove: Remove) -> str:
    """Return CSV, or a table with tabs or semicolons, without the values of columns that are named like secrets."""
    first = table.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    if delimiter not in first:
        return table
    rows = list(csv.reader(table.splitlines(keepends=True), delimiter=delimiter))
    named = {number: about for number, name in enumerate(rows[0]) if (about := by_name(name)) and not about.unsure}
    if not named:
        return table
    for row in rows[1:]:
        for number in named.keys() & range(len(row)):
            if not has_nothing(row[number]):
                row[number] = remove(named[number].kind, row[number])
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return written.getvalue()
