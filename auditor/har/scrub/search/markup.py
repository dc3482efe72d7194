"""Names with their values in HTML and XML (elements, attributes, fields), in parts of multipart bodies, and in CSV."""

import csv
import io
import re
from collections.abc import Iterator

from auditor.har.scrub.names import Named, by_name, is_token_like
from auditor.har.scrub.removals import Kind, has_nothing
from auditor.har.scrub.search.forms import Remove

_TAG = re.compile(r"<(?P<element>[A-Za-z_][\w:.-]{0,100})(?P<attributes>(?:\s(?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+)?)>")
_ATTRIBUTE = re.compile(r"(?P<name>[\w:.-]{1,100})\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_NAMING = frozenset(
    {"name", "id", "key", "property", "http-equiv", "data-name", "aria-label", "for", "itemprop", "type"}
)
_HOLDING = frozenset({"value", "val", "content", "data-value", "defaultvalue"})
_NAMED_BESIDE = re.compile(
    r"<(?P<tag>name|key|string|property)\b[^<>]*>(?P<name>[^<>]{1,100})</(?P=tag)>\s*<(?P<of>value|string|data|text)\b[^<>]*>"
    r"(?P<value>[^<]+)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"<(?P<tag>td|th|dt|label|b|strong|span|p|div|li)\b[^<>]*>\s*(?P<name>[^<>]{1,60}?)\s*:?\s*</(?P=tag)>"
    r"\s*(?:<(?!/?tr\b|th\b|/t)[^<>]*>\s*){0,4}(?P<value>[^<>\s][^<>]*)",
    re.IGNORECASE,
)
"""A cell or a label with a name, and the text that follows it."""
_TABLE = re.compile(r"<table\b(?:(?!</table)[\s\S])*", re.IGNORECASE)
_ROW = re.compile(r"<tr\b(?:(?!</?tr\b)[\s\S])*", re.IGNORECASE)
_CELL = re.compile(r"<t[hd]\b[^<>]*>(?P<text>(?:(?!<t[hd]\b|</t[hd])[\s\S])*)", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_INSIDE = re.compile(r"(?<=>)[^<>\s]{12,}(?=<)")
_ALWAYS = frozenset({"assertion", "requestedsecuritytoken", "binarysecuritytoken", "ciphervalue", "signaturevalue"})
"""Elements of SAML and WS-Trust that are removed with all they contain."""


def without_markup(text: str, remove: Remove) -> str:
    """Return HTML or XML with the values removed of elements, attributes and fields that are named like secrets."""
    text = "".join(_elements(text, remove))
    text = _NAMED_BESIDE.sub(lambda found: _beside(found, remove), text)
    text = _LABELLED.sub(lambda found: _beside(found, remove), text)
    return _TABLE.sub(lambda found: _table(found[0], remove), text) if "<th" in text else text


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


def _table(table: str, remove: Remove) -> str:
    """Return a table of HTML without the values of columns whose heads are named like secrets."""
    secret: dict[int, Kind] = {}

    def row(found: re.Match[str]) -> str:
        cells = list(_CELL.finditer(found[0]))
        for number, cell in enumerate(cells):
            about = by_name(_TAGS.sub("", cell["text"]).strip()) if "<th" in cell[0][:3].lower() else None
            if about is not None and not about.unsure:
                secret[number] = about.kind
        return _without_cells(found[0], cells, secret, remove)

    return _ROW.sub(row, table)


def _without_cells(row: str, cells: list[re.Match[str]], secret: dict[int, Kind], remove: Remove) -> str:
    for number in sorted(secret.keys() & range(len(cells)), reverse=True):
        start, stop = cells[number].span("text")
        value = row[start:stop].strip()
        if cells[number][0][:3].lower() == "<td" and value and not has_nothing(value):
            row = row[:start] + remove(secret[number], value) + row[stop:]
    return row


_PART = re.compile(
    r"(?P<head>^content-disposition:[^\r\n]{0,500}?;[ \t]*name=(?P<quote>\"?)(?P<name>[^\";\r\n]{1,200})(?P=quote)"
    r"[^\r\n]{0,500}(?:\r?\n[^\r\n]{1,2000}){0,20}+\r?\n\r?\n)(?P<value>.*?)(?=\r?\n--|\Z)",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)


_HEAD = re.compile(
    r"\s*\|?[\"']?[\w .-]{1,60}[\"']?(?:(?P<mark>[,;\t|])[\"']?[\w .-]{0,60}[\"']?)"
    r"(?:(?P=mark)[\"']?[\w .-]{0,60}[\"']?)*"
)
_LONGEST_HEAD = 4_000


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


def is_table(text: str) -> bool:
    """Whether a text begins with a line of names that one character separates, with other lines below it."""
    first, newline, _ = text.lstrip("\ufeff").partition("\n")
    return bool(newline) and len(first) < _LONGEST_HEAD and bool(_HEAD.fullmatch(first.rstrip("\r")))


def without_columns(table: str, remove: Remove) -> str:
    """Return CSV, or a table with tabs or semicolons, without the values of columns that are named like secrets."""
    first = table.lstrip("\ufeff").partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    if delimiter not in first:
        return table
    rows = list(csv.reader(table.splitlines(keepends=True), delimiter=delimiter))
    named = {
        number: about for number, name in enumerate(rows[0]) if (about := by_name(name.strip())) and not about.unsure
    }
    if not named:
        return table
    for row in rows[1:]:
        for number in named.keys() & range(len(row)):
            if not has_nothing(row[number]) and row[number].strip(" :-"):
                row[number] = remove(named[number].kind, row[number])
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return written.getvalue()
