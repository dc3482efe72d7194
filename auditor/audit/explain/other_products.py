"""Numbers that a text calls another product's: the same number means something else there, so no entry answers it.

A number belongs to what stands directly before it (`AzCopy failed with error 9000`) or after it (`10003 in Site
Recovery`); what stands behind a colon explains it. Every product has numbers of few digits: one that stands among words
of which its entry has none is not known to be Azure Migrate's.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from auditor.audit.catalogue import CatalogueEntry
from auditor.audit.explain.word_search import content_words

_OURS = re.compile(r"azure migrate|appliance|registration|discovery|inventory|guest|migrate", re.IGNORECASE)
_BEFORE = 100
"""Characters before a number in which the name of its product can stand."""
_AROUND = 300
_FEW_DIGITS = 4
_OF_ANY_ERROR = re.compile(
    r"(?:d?err|fehler|codig|code|caus|recommend)\w*|messages?|severity|properties|details?|possible|operation|level|mean"
    r"|null|true|false|none|\w|.*\d.*"
)
"""Words that stand beside the number of any error, and words with digits."""
UNCLEAR = "an unclear product"
_MOST_WORDS = 5
"""Maximum number of words between the name and the number, such as `failed with error code`."""
_BETWEEN = r"(?P<between>[^.;!?\n\d]*)$"
_AFTER = r"[\s)\]\"'»]{0,4}(?:(?:of|in|from|by|on|at|the|an?|azure|microsoft|windows|my|our)\s+){0,3}"


def _nobody(_: CatalogueEntry) -> bool:
    return False


def _of_topic(topic: str) -> Callable[[CatalogueEntry], bool]:
    return lambda entry: entry.topic == topic


def _called(prefix: str) -> Callable[[CatalogueEntry], bool]:
    return lambda entry: entry.id.startswith(prefix)


def _has_hexadecimal(entry: CatalogueEntry) -> bool:
    return any(error.lower().startswith("0x") for error in entry.errors)


@dataclass(frozen=True, slots=True)
class _Product:
    """A product by the words before and after a number; `has` says which entries are its own too."""

    name: str
    before: re.Pattern[str]
    after: re.Pattern[str]
    has: Callable[[CatalogueEntry], bool]


def _product(name: str, words: str, has: Callable[[CatalogueEntry], bool] = _nobody) -> _Product:
    own = rf"\b(?:{words})\b"
    return _Product(
        name,
        re.compile(own + _BETWEEN, re.IGNORECASE),
        re.compile(_AFTER + own, re.IGNORECASE),
        has,
    )


_PRODUCTS = (
    _product(
        "Windows event log",
        r"event ?ids?|events?(?=[ :#=]{0,3}$)|(?:event|windows|system|application) ?logs?|event viewer",
    ),
    _product("HRESULT", r"hresult", _has_hexadecimal),
    _product(
        "Win32",
        r"win32|winsock|getlasterror|ntstatus|system error|errno|windows error|exit ?codes?|exit status"
        r"|exited with(?: code| status)?|return(?:ed)? code",
    ),
    _product("HTTP", r"http (?:status|error|code|response)|status ?codes?"),
    _product("DNS", r"dns", _called("winrm-name")),
    _product("SQL Server", r"(?:ms)?sql(?: server)?|sqlstate|t-sql", _called("sql-")),
    _product("IIS", r"iis", _called("web-")),
    _product("Site Recovery", r"site recovery|asr", _of_topic("replication")),
    _product("Azure Backup", r"azure backup|mars agent|mabs|dpm"),
    _product("AzCopy", r"azcopy"),
    _product("Windows Update", r"windows update|wusa|dism|windows installer|msiexec|msi"),
    _product("another database", r"mysql|mariadb|postgres(?:ql)?|oracle|mongodb|db2|redis"),
    _product(
        "another product",
        r"robocopy|azure ?file ?sync|scom|operations manager"
        r"|storage explorer|data factory|databricks|synapse|cosmos ?db|azure devops|power ?bi|dynamics|intune"
        r"|sccm|configmgr|exchange|sharepoint|outlook|teams|sap|citrix|veeam|zerto|commvault|netbackup|rubrik|cohesity"
        r"|docker|kubernetes|kubectl|terraform|ansible|jenkins|aws|google cloud|chrome|firefox"
        r"|cloudflare|excel|office|zoom|nginx|apache|tomcat|php|npm|ldap|kerberos|smtp|ftp",
    ),
)
"""Products with numbers of their own, and the entries of the catalogue that are theirs too."""


@dataclass(frozen=True, slots=True)
class OtherNumber:
    """A number that a text calls another product's, and the entries that have the same number here."""

    number: str
    product: str
    entries: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """What is known of it."""
        same = f"; Azure Migrate has another error with this number: {', '.join(self.entries)}" if self.entries else ""
        return f"of {self.product}: not known here{same}"


def product_beside(text: str, start: int, end: int) -> _Product | None:
    """Return the other product whose number stands in `text` from `start` to `end`, or None."""
    before = text[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    for product in _PRODUCTS:
        found = product.before.search(before)
        if found is not None and _is_near(found["between"]):
            return product
    return next((product for product in _PRODUCTS if product.after.match(text, end)), None)


def names_us(text: str, position: int) -> bool:
    """Whether the text on the same line around a position names Azure Migrate or its appliance."""
    before = text[max(0, position - _AROUND) : position].rpartition("\n")[2]
    after = text[position : position + _AROUND].partition("\n")[0]
    return _OURS.search(before + after) is not None


def is_unclear(text: str, number: str, start: int, end: int, entries: Sequence[CatalogueEntry]) -> bool:
    """Whether the words around a number of few digits are of something else than each of the entries with it."""
    if len(number) > _FEW_DIGITS or not entries:
        return False
    around = f"{text[max(0, start - _AROUND) : start]} {text[end : end + _AROUND]}"
    said = {word for word in content_words(around) if not _OF_ANY_ERROR.fullmatch(word)}
    return bool(said) and all(said.isdisjoint(_words_of(entry)) for entry in entries)


def _words_of(entry: CatalogueEntry) -> frozenset[str]:
    causes = (cause.text for cause in entry.causes)
    return frozenset(content_words(" ".join((*entry.names, entry.topic, entry.meaning, *causes, *entry.steps))))


def _is_near(between: str) -> bool:
    return len(between.split()) <= _MOST_WORDS and not _OURS.search(between)
