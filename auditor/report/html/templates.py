"""The templates and assets of the pages, and the environment in which every value is made inert and escaped."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from auditor.report.counted import counted, were
from auditor.report.inert import inert
from auditor.shells import written_commands


@cache
def environment() -> Environment:
    """Return the environment of the templates: every value is made inert and then escaped."""
    made = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_inert, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["quoted"] = quoted
    made.filters["commands"] = written_commands
    made.globals |= {"counted": counted, "were": were}
    return made


def quoted(text: str) -> Markup:
    """Return a sentence with its text in backquotes as code; two with nothing in between stay as they are."""
    *parts, last = inert(text).split("`")
    out = Markup()
    for number, part in enumerate(parts):
        out += (Markup("<code>{}</code>").format(part) if part else "``") if number % 2 else part
    return out + (f"`{last}" if len(parts) % 2 else last)


def _inert(value: object) -> object:
    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def asset(name: str) -> str:
    """Return the text of a file of the page."""
    return files("auditor.report.html").joinpath("assets", name).read_text(encoding="utf-8")


def digest_of(text: str) -> str:
    """Return the digest by which a content security policy allows a style sheet or a script."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
