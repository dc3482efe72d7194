"""The result of an audit for programs: findings, coverage, questions about access, and a table for data frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import msgspec

from auditor.access.access import Access
from auditor.access.verdicts import AccessAnswer, Plane
from auditor.access.who_can import WhoCan
from auditor.audit.findings import Coverage, Finding, Verdict
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.library.accounts import account_meant
from auditor.library.caveats import answer_of, holders_of
from auditor.report.conclusion import conclusion
from auditor.report.formats.json_report import document
from auditor.report.json_text import json_text
from auditor.report.place import Places
from auditor.report.result import ScanResult, fingerprint


class AccessQuestions:
    """Questions to the access engine about one snapshot."""

    def __init__(self, access: Access) -> None:
        self._access = access

    @property
    def inventory(self) -> Inventory:
        """What the questions are about."""
        return self._access.inventory

    def can(self, account: str, action: str, scope: str, *, data: bool = False) -> AccessAnswer:
        """Return whether `account` may do `action` at `scope`, as `migaudit can` does.

        Args:
            account: UPN, mail, object id or app id.
            action: an action of the control plane, or with `data` of the data plane.
            scope: an ARM id.
            data: whether `action` is an action of the data plane.

        Raises:
            BadRequest: the directory was read and has no such account, or several.
            MalformedArmId: `scope` is no ARM id.
        """
        who = account_meant(self.inventory, account).id
        return answer_of(self._access, who, action, ArmId.parse(scope), _plane(data=data))

    def who_can(self, action: str, scope: str, *, data: bool = False) -> WhoCan:
        """Return everyone who may do `action` at `scope`, as `migaudit who-can` does; raises `MalformedArmId`."""
        return holders_of(self._access, action, ArmId.parse(scope), _plane(data=data))


def _plane(*, data: bool) -> Plane:
    return Plane.DATA if data else Plane.CONTROL


@dataclass(frozen=True, slots=True)
class Result:
    """What the rules say of a snapshot; `access` answers questions about it."""

    report: ScanResult
    access: AccessQuestions

    def __repr__(self) -> str:
        """Return one line: a notebook shows a result by this, and it holds a megabyte of findings."""
        return f"<Result of {self.report.tenant_name}: {self.conclusion}>"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every verdict of every rule, worst first; what may be there unseen is among those that are unknown."""
        return self.report.shown(all_verdicts=True)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that fail, worst first."""
        return self.report.with_verdict(Verdict.FAIL)

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """The findings that what was not read leaves open."""
        return self.report.with_verdict(Verdict.UNKNOWN)

    @property
    def coverage(self) -> Coverage:
        """The lists that were read, and the gaps of what was not."""
        return self.report.coverage

    @property
    def conclusion(self) -> str:
        """The outcome in a few words; *no problem found* only where every verdict is known."""
        return conclusion(self.report)

    def as_dict(self) -> dict[str, Any]:
        """Return the published JSON document `migaudit/scan/1`, with the findings that fail or are unknown."""
        return _plain(document(self.report))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the findings as flat rows, one value or list of texts for each name in `COLUMNS`."""
        places = Places(self.report)
        for finding in self.findings:
            place, subject = places.of(finding), finding.subject
            values = (
                finding.rule,
                finding.title,
                finding.verdict.value,
                finding.severity.value,
                finding.confidence.value,
                list(finding.errors),
                subject.kind,
                subject.name,
                subject.id,
                place.subscription.id,
                place.subscription.name,
                place.resource_group,
                [one.short for one in place.projects],
                place.account.short,
                finding.message,
                [item.id for item in finding.evidence],
                [gap.words for gap in finding.gaps],
                [fix.title for fix in finding.fixes],
                fingerprint(finding),
            )
            yield dict(zip(COLUMNS, values, strict=True))

    def to_frame(self, library: Literal["pandas", "polars"] | None = None) -> Any:
        """Return `rows` as a data frame of pandas or polars: of `library`, or else of the one that is installed.

        Raises `ImportError` where it, or either of them, is not installed, and `ValueError` for another name.
        """
        if library not in {None, *_FRAMES}:
            raise ValueError(f"a data frame is one of {' or '.join(_FRAMES)}, not of `{library}`")
        frames = _frames(library)
        rows = list(self.rows())
        columns = {name: [row[name] for row in rows] for name in COLUMNS}
        if frames.__name__ == "polars":  # by the values alone, a column of empty lists would have no type
            texts, text = frames.List(frames.String), frames.String
            return frames.DataFrame(columns, schema={name: texts if name in LIST_COLUMNS else text for name in COLUMNS})
        return frames.DataFrame(columns)


COLUMNS = (
    "rule",
    "title",
    "verdict",
    "severity",
    "confidence",
    "errors",
    "subject_kind",
    "subject_name",
    "subject_id",
    "subscription_id",
    "subscription_name",
    "resource_group",
    "projects",
    "account",
    "message",
    "evidence",
    "unread",
    "fixes",
    "fingerprint",
)
"""The names of the columns of `Result.rows`."""
LIST_COLUMNS = frozenset({"errors", "projects", "evidence", "unread", "fixes"})
"""Those of them that hold lists of texts."""


_FRAMES = ("pandas", "polars")


def _frames(library: str | None) -> Any:
    for name in (library,) if library else _FRAMES:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise ImportError(f"a data frame needs {library or 'pandas or polars'}: install it beside migaudit")


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with its iterators, which can be drawn once, as lists."""
    plain: dict[str, Any] = msgspec.json.decode(json_text(document))
    return plain
