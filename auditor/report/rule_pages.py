"""The address of the page that explains a rule: in the published documentation, otherwise its first reference."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

from auditor.audit.environment_report import FindingsReport
from auditor.audit.rules.rule import RuleText

_METADATA = "migaudit-*.dist-info/METADATA"
"""The metadata of the installed package, beside the package; importlib.metadata would load an e-mail parser for it."""
_ADDRESS = re.compile(r"^Project-URL:\s*Documentation\s*,\s*(\S+)\s*$", re.IGNORECASE | re.MULTILINE)


def docs_address(text: str) -> str:
    """Return the address of the published documentation that `text` is, without a slash at the end.

    Raises `ValueError` for anything but an https address of a folder: it becomes a link in reports.
    """
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as malformed:
        raise ValueError(f"`{text}` is no address: {malformed}") from malformed
    if parts.scheme != "https" or not host:
        raise ValueError(f"`{text}` is no https address; write it as https://docs.contoso.com/migaudit")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(f"`{text}` has a user name, a query or a fragment; name the folder of the documentation alone")
    if not (text.strip().isascii() and text.strip().isprintable()) or set(text.strip()) & set(" <>\"'`\\()[]{}|^"):
        raise ValueError(f"`{text}` contains a character that an address must encode")
    return text.strip().rstrip("/")


@cache
def published_docs() -> str:
    """Return the address of the documentation in the metadata of the installed package; empty if it names none."""
    return docs_in(Path(__file__).resolve().parents[2])


def docs_in(folder: Path) -> str:
    """Return the address that the package installed in `folder` names; empty for none, or for none that is a link."""
    for path in sorted(folder.glob(_METADATA)):
        headers = path.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
        if found := _ADDRESS.search(headers):
            try:
                return docs_address(found[1])
            except ValueError:
                return ""
    return ""


def rule_links(result: FindingsReport) -> dict[str, str]:
    """Return the link of each rule of the result, by its id; rules without a page or a reference have none.

    The documentation has a page of each rule of the rule book. For other rules, and where nobody says where the
    documentation is published, it is the first reference.
    """
    links = {rule.id: _link(rule, result.docs_url) for rule in result.rules}
    return {rule: link for rule, link in links.items() if link}


def _link(rule: RuleText, docs: str) -> str:
    if docs and rule.is_shipped:
        return f"{docs}/rules/{quote(rule.id, safe='')}.html"
    return next((one for one in rule.references if one.startswith("https://")), "")
