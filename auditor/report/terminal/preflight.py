"""The result of a preflight for a terminal: one line per step, then what is missing, what is in the way, what to do.

It is fitted to the height of the screen: what does not fit is shortened, and the last line says so.
"""

from dataclasses import dataclass
from enum import Enum

from auditor.audit.preflight.report import (
    CapableAccounts,
    Fix,
    Gap,
    Missing,
    ObstacleEffect,
    SelfCheckResult,
    StepVerdict,
)
from auditor.report.inert import inert, prose
from auditor.report.preflight_result import PreflightResult
from auditor.report.terminal.coverage import refusals
from auditor.report.terminal.page import Column, Page, Part
from auditor.report.terminal.preflight_words import NOT_NAMED, by_scope, covered, in_short, short, ways_out
from auditor.report.terminal.style import PageStyle

MOST = 2
"""Maximum number of missing rights listed per scope; `verbose` lists all of them."""
_STYLE = {
    StepVerdict.GO: ("✓", "+", "bold green"),
    StepVerdict.NO_GO: ("✗", "x", "bold red"),
    StepVerdict.UNKNOWN: ("?", "?", "bold yellow"),
}
_MODES = {
    "user": "registered by a user who signs in",
    "app": "registered with an application made in advance",
    "arc": "registered as its Arc machine",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightStyle(PageStyle):
    """Style of the report; `verbose` adds every right, the portal steps and what was unread in full.

    `rows` is the height of the screen that the report should fit on; None for any length.
    """

    verbose: bool = False


class Detail(Enum):
    """Level of detail: everything, missing rights as counts, or every line cut and the fixes by title only."""

    FULL = 0
    SHORT = 1
    TITLES = 2


def render(result: PreflightResult, style: PreflightStyle) -> str:
    """Return the preflight as text for a terminal; whatever resources are called, it is inert.

    If only titles fit, the remaining room goes to the fixes, those with commands first.
    """
    for detail in (Detail.FULL, Detail.SHORT):
        text = _written(result, style, detail)
        if _fits(text, style):
            return text
    full: frozenset[int] = frozenset()
    text = _written(result, style, Detail.TITLES)
    if not _fits(text, style):
        return _with_fewer_fixes(result, style, text)
    for number in _commands_first(result):
        longer = _written(result, style, Detail.TITLES, full | {number})
        if _fits(longer, style):
            text, full = longer, full | {number}
    return text


def _with_fewer_fixes(result: PreflightResult, style: PreflightStyle, text: str) -> str:
    """Return the report with as many titles of fixes as fit, at least one; the last line counts the others."""
    for most in range(len(ways_out(result.preflight.steps)) - 1, 0, -1):
        text = _written(result, style, Detail.TITLES, most=most)
        if _fits(text, style):
            break
    return text


def _written(
    result: PreflightResult,
    style: PreflightStyle,
    detail: Detail,
    full: frozenset[int] = frozenset(),
    most: int | None = None,
) -> str:
    report = _Report(Page(style), result, style, detail, full, most)
    report.write()
    return report.page.text()


def _fits(text: str, style: PreflightStyle) -> bool:
    return style.rows is None or style.verbose or text.count("\n") <= style.rows


def _commands_first(result: PreflightResult) -> list[int]:
    ways = ways_out(result.preflight.steps)
    return sorted(range(len(ways)), key=lambda number: ways[number][0][0].az is None)


class _Report:
    """The report as it is written, top to bottom."""

    def __init__(
        self,
        page: Page,
        result: PreflightResult,
        style: PreflightStyle,
        detail: Detail,
        full: frozenset[int],
        most: int | None,
    ) -> None:
        """Set up the report; `full` are the numbers of the fixes that are not shortened, `most` is how many are shown.

        `most` is None if all are shown.
        """
        self.page = page
        self.detail = detail
        self.full = full
        self.most = most
        self.result = result
        self.found = result.preflight
        self.style = style

    def write(self) -> None:
        """Write the account and project, the steps, then one part each for reasons, obstacles, gaps and fixes."""
        self._subject()
        if self.detail is not Detail.TITLES:
            self.page.gap()
        self._verdict()
        self._steps()
        self._reasons()
        self._in_the_way()
        self._undecidable()
        self._unread()
        self._fixes()
        if self.found.who is not None:
            self._who(self.found.who)
        if self.detail is not Detail.FULL:
            left = len(ways_out(self.found.steps)) - self.most if self.most is not None else 0
            more = f"and {left} more; " if left else ""
            self._say("", (f"{more}shortened to fit the screen: `--verbose` shows every right and command", "dim"))

    def _say(self, label: str, *parts: Part, style: str = "dim") -> None:
        """Write a labelled line; it is cut at the edge if only titles fit."""
        if self.detail is not Detail.TITLES:
            self.page.labelled(label, *parts, style=style)
            return
        room = self.page.columns - len(label)
        kept: list[Part] = []
        for part in parts:
            text = inert(part if isinstance(part, str) else part[0])
            cut = text if len(text) <= room else f"{text[: max(0, room - 1)]}{'~' if self.page.ascii_only else '…'}"
            kept.append(cut if isinstance(part, str) else (cut, part[1]))
            room -= len(cut)
            if room <= 0:
                break
        self.page.labelled(label, *kept, style=style)

    def _part(self, title: str) -> None:
        """Begin a part of the report."""
        if self.detail is Detail.FULL:
            self.page.gap()
        self.page.heading(title)

    def _subject(self) -> None:
        found, result = self.found, self.result
        project = found.project
        title = result.titles.get(project.subscription.lower(), project.subscription)
        absent = " (to be created)" if found.creates else " (not found)"
        state = {True: "", False: absent, None: " (unknown whether it exists)"}[project.exists]
        where = f" in {project.resource_group}, " if project.resource_group else " in "
        when = f"{result.evaluated_at:%Y-%m-%d %H:%M} UTC"
        if self.detail is not Detail.TITLES:
            self.page.origin((f"{result.tenant_name} · as of {when} · read by {result.read_by}", "dim"))
        self._say("account    ", (found.account.name, "bold"))
        if found.discovery_account != found.account:
            self._say("discovery  ", (found.discovery_account.name, "bold"), " starts it")
        self._say("project    ", (project.name, "bold"), f"{state}{where}", title)
        if self.detail is not Detail.TITLES:
            self._say("appliance  ", self._appliance())
        if found.self_check is not None:
            self._checked(found.self_check)

    def _appliance(self) -> str:
        how = _MODES.get(self.found.mode or "", "how it registers could not be read")
        return f"{self.found.kind or 'any kind'}, {how}"

    def _checked(self, view: SelfCheckResult) -> None:
        """Write how Azure's own list of permissions of the signed-in account compares."""
        if not view.disagreements:
            agrees = f"Azure's own list of permissions contradicts none of {view.compared:,} rights"
            self._say("checked    ", agrees)
        for one in view.disagreements:
            says = "allows" if one.azure_allows else "does not allow"
            text = (
                f"{one.action} at {one.scope}: {one.verdict} according to the records, but Azure's own list {says} it"
            )
            self._say("disagrees  ", (text, "bold red"))

    def _verdict(self) -> None:
        verdict = self.found.verdict
        reasons = self.found.reasons
        more = f"; and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        meanings = {
            StepVerdict.GO: f"GO: {covered(self.found.headline)} will work",
            StepVerdict.NO_GO: "NO-GO",
            StepVerdict.UNKNOWN: f"UNKNOWN: {reasons[0]}{more}" if reasons else "UNKNOWN",
        }
        rest = f"  for {self._appliance()}" if self.detail is Detail.TITLES else ""
        self._say("", (meanings[verdict], _STYLE[verdict][2]), (rest, "dim"))

    def _steps(self) -> None:
        """Write a row for each step: its verdict, and the reasons in a few words, on one line if only titles fit."""
        rows: list[list[Part]] = []
        for step in self.found.steps:
            mark, ascii_mark, style = _STYLE[step.verdict]
            errors = [f"error {', '.join(step.errors)}"] if step.errors else []
            title = f"{ascii_mark if self.page.ascii_only else mark} {step.title}"
            rows.append([(title, style), (step.verdict.value, style), "; ".join((*errors, *in_short(step)))])
        only_titles = self.detail is Detail.TITLES
        self.page.table((Column(whole=True), Column(whole=True), Column(last=only_titles, wraps=not only_titles)), rows)

    def _reasons(self) -> None:
        """Write what is missing, by scope; a right that several steps lack is written once."""
        missing = tuple(dict.fromkeys(one for step in self.found.steps for one in step.missing))
        conditional = tuple(dict.fromkeys(one for step in self.found.steps for one in step.conditional))
        if not missing and not conditional:
            return
        self._part("MISSING")
        for (scope, how), rights in by_scope(missing).items():
            if self.detail is not Detail.FULL:
                self._counted(short(scope), how, rights)
                continue
            shown = rights if self.style.verbose else rights[:MOST]
            rest = f" and {len(rights) - len(shown)} more" if len(shown) < len(rights) else ""
            actions = ", ".join(" or ".join(right.actions) for right in shown)
            place = scope if self.style.verbose else short(scope)
            self.page.labelled("at         ", (place, "bold"), (f" {how}" if how else "", "yellow"))
            self.page.labelled("           ", actions, (rest, "dim"))
        for one in conditional:
            if self.detail is not Detail.FULL:
                self.page.labelled("if         ", one.action, (" under a condition", "yellow"))
                continue
            self.page.labelled("if         ", one.action)
            self.page.labelled("           ", "only under the condition: ", (prose(one.condition), "yellow"))

    def _counted(self, place: str, how: str, rights: list[Missing]) -> None:
        """Write in one line how many rights are missing at a place, and the first of them as far as it fits."""
        count = f": {len(rights)} right{'s' if len(rights) > 1 else ''}{f' {how}' if how else ''}, "
        self._say("at         ", (place, "bold"), count, rights[0].actions[0])

    def _in_the_way(self) -> None:
        """Write what else is in the way; what blocks comes first."""
        reasons = {text: None for step in self.found.steps for text in step.because}
        blocking = {it.text for step in self.found.steps for it in step.obstacles if it.effect is ObstacleEffect.BLOCKS}
        said = blocking | {gap.message for gap in self._open() if gap.is_undecidable}
        others = {it.text: it.effect for step in self.found.steps for it in step.obstacles if it.text not in said}
        if not reasons and (not others or self.detail is Detail.TITLES):
            return
        self._part("IN THE WAY")
        for text in reasons:
            self._say("blocks     ", text, style="bold red")
        for text, effect in others.items() if self.detail is not Detail.TITLES else ():
            self.page.labelled("may block  " if effect is ObstacleEffect.MAY_BLOCK else "note       ", text)

    def _open(self) -> tuple[Gap, ...]:
        """Return what leaves a step open, apart from what only the user can tell."""
        every = (gap for step in self.found.steps for gap in step.gaps if gap.code not in NOT_NAMED)
        return tuple(dict.fromkeys(every))

    def _undecidable(self) -> None:
        """Write what no list would settle, such as a policy that depends on where a sign-in comes from."""
        messages = tuple(dict.fromkeys(gap.message for gap in self._open() if gap.is_undecidable))
        if messages:
            self._part("UNDECIDABLE FROM HERE")
        for message in messages:
            self._say("?          ", (prose(message), "yellow"))

    def _unread(self) -> None:
        gaps = [gap for gap in self._open() if not gap.is_undecidable]
        if not gaps:
            return
        self._part("UNREAD")
        for refusal in refusals(gaps):
            scopes = refusal.scopes if self.style.verbose else refusal.scopes[:1]
            more = f" and {len(refusal.scopes) - 1} more" if len(scopes) < len(refusal.scopes) else ""
            self.page.labelled("?          ", (refusal.answer, "yellow"))
            self.page.labelled("           ", ", ".join(refusal.lists), " at ", ", ".join(scopes), more)
            if refusal.cures:
                self.page.labelled("           ", "grant ", (refusal.cure(verbose=self.style.verbose), "bold"))

    def _fixes(self) -> None:
        """Write the fixes, each once, with the steps that it is for."""
        ways = ways_out(self.found.steps)
        if not ways:
            return
        self._part("WHAT TO DO: the smallest change first")
        for number, (fixes, steps) in enumerate(ways[: self.most]):
            whom = "" if self.detail is Detail.TITLES else f"  for {', '.join(steps)}"
            self._say(f"{number + 1:>2} ", (fixes[0].title, "bold"), (whom, "dim"))
            for fix in fixes if self.detail is not Detail.TITLES or number in self.full else ():
                self._fix(fix)
            for changes in dict.fromkeys(fix.changes for fix in fixes) if self.style.verbose else ():
                self.page.labelled("   ", (changes, "dim"))

    def _fix(self, fix: Fix) -> None:
        if fix.az is None or self.style.verbose:
            for step in fix.portal:
                self.page.labelled("   ", step)
        if fix.az is not None:
            self.page.command("   ", fix.az)

    def _who(self, who: CapableAccounts) -> None:
        self._part("WHO COULD REGISTER THIS APPLIANCE TODAY")
        least = "at least " if who.at_least else ""
        self.page.line(f"{least}{len(who.capable):,}, according to what could be read")
        for one in who.capable:
            kind = "members of the group" if one.type == "Group" else one.type
            self.page.labelled("  ", (one.name, "bold"), (f"  {kind}", "dim"))
        for one in who.undecided:
            self.page.labelled("? ", one.name, ("  could not be decided", "dim"), style="bold yellow")
