"""Help texts for the rules of a result: complete where the result contains the rule, otherwise at least its title."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.audit.findings import Severity
from auditor.report.conclusion import LEFT_OUT, NOT_JUDGED, NOTHING, left_open
from auditor.report.formats.markdown_text import plain
from auditor.report.result import ScanResult
from auditor.report.rule_pages import rule_links


@dataclass(frozen=True, slots=True)
class RuleHelp:
    """A rule as a report explains it."""

    id: str
    title: str
    why: str
    severity: Severity
    errors: tuple[str, ...]
    references: tuple[str, ...]
    link: str = ""
    """The page of the rule, otherwise its first reference."""
    is_explained: bool = True
    """Whether `migaudit explain` knows it by its id."""

    @property
    def text(self) -> str:
        """What is wrong, why it matters, where to read on, as plain text."""
        errors = f"It can cause error {', '.join(self.errors)}." if self.errors else ""
        return "\n".join(part for part in (f"{self.title}.", self.why, errors, self._more, *self.links) if part)

    @property
    def links(self) -> tuple[str, ...]:
        """The page of the rule, if there is one, and its references."""
        return tuple(dict.fromkeys((*((self.link,) if self.link else ()), *self.references)))

    @property
    def markdown(self) -> str:
        """The same as Markdown."""
        errors = f"It can cause error **{'**, **'.join(self.errors)}**." if self.errors else ""
        links = "\n".join(f"- <{one}>" for one in self.links)
        parts = (f"**{plain(self.title)}**", plain(self.why), errors, self._more, links)
        return "\n\n".join(part for part in parts if part)

    @property
    def _more(self) -> str:
        is_known = self.is_explained and self.id not in {NOTHING, NOT_JUDGED, LEFT_OUT}
        return "" if not is_known else f"`migaudit explain {self.id}` shows how to fix it."


def rule_helps(result: ScanResult) -> tuple[RuleHelp, ...]:
    """Return the help of every rule of the result and of its findings, by id."""
    found: dict[str, RuleHelp] = {
        one.rule: RuleHelp(one.rule, one.title, one.title, one.severity, one.errors, ())
        for one in (*left_open(result), *result.findings)
    }
    links = rule_links(result)
    known: Mapping[str, RuleHelp] = {
        one.id: RuleHelp(
            *(one.id, one.title, " ".join(one.why.split()), one.severity, one.errors, one.references),
            link=links.get(one.id, ""),
            is_explained=one.subject != "call",
        )
        for one in result.rules
    }
    return tuple(sorted((found | dict(known)).values(), key=lambda one: one.id))
