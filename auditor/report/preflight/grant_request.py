"""The request to the person who can grant what a registration needs: commands, what each changes, how it is undone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from auditor.audit.preflight.report import Fix, ObstacleEffect, StepOutcome, StepVerdict
from auditor.report.preflight.plain_rights import RightsAt, rights_at
from auditor.report.preflight_result import PreflightResult
from auditor.report.terminal.coverage import RefusedLists, refusals
from auditor.report.terminal.preflight_words import NOT_NAMED, covered, in_short, ways_out
from auditor.shells import SHELL_NAMES, written_commands

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MODES = {
    "user": "registered by a user who signs in",
    "app": "registered with an application made in advance",
    "arc": "registered as its Arc machine",
}


@dataclass(frozen=True, slots=True)
class AskedFix:
    """One fix, with the titles of the steps that it is for."""

    fix: Fix
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: its title, its verdict, and the reasons in a few words."""

    title: str
    verdict: StepVerdict
    words: str
    in_headline: bool


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """All that the page says.

    `asked` have a command, `by_hand` none; both are needed. `perhaps` are needed only if what may be in the way is.
    `own` are what the account does itself, `others` ways that need no grant. `missing` are the rights in plain words,
    `blocking` what else keeps a step from working, and `may_block` what may. `unread` are lists that were refused,
    `open` what no list would settle, and `unsaid` what only the reader can tell. `settled` says that the account needs
    nobody, because it can activate everything that is missing.
    """

    result: PreflightResult
    steps: tuple[StepLine, ...]
    asked: tuple[AskedFix, ...]
    by_hand: tuple[AskedFix, ...]
    perhaps: tuple[AskedFix, ...]
    own: tuple[AskedFix, ...]
    others: tuple[AskedFix, ...]
    missing: tuple[RightsAt, ...]
    blocking: tuple[str, ...]
    may_block: tuple[str, ...]
    unread: tuple[RefusedLists, ...]
    open: tuple[str, ...]
    unsaid: tuple[str, ...]
    settled: bool

    @property
    def verdict(self) -> StepVerdict:
        """The verdict of the preflight."""
        return self.result.preflight.verdict

    @property
    def title(self) -> str:
        """The heading of the page."""
        if self.verdict is StepVerdict.GO:
            return "Registering an Azure Migrate appliance will work"
        if self.verdict is StepVerdict.UNKNOWN:
            return "Whether registering an Azure Migrate appliance works is not known yet"
        if self.settled or not (self.asked or self.by_hand):
            return "Registering an Azure Migrate appliance would fail today"
        return "Request: what registering an Azure Migrate appliance needs"

    @property
    def lead(self) -> str:
        """What is wanted and what stands against it, in one or two sentences."""
        found = self.result.preflight
        wanted = f"`{found.account.name}` wants to register an appliance with the project `{found.project.name}`"
        failing = [step for step in found.headline if step.verdict is StepVerdict.NO_GO]
        errors = list(dict.fromkeys(error for step in failing for error in step.errors))
        shown = f", with error {', '.join(errors)}" if errors else ""
        if self.verdict is StepVerdict.GO:
            return f"{wanted}. According to everything that was read, {covered(found.headline)} will work."
        if self.verdict is StepVerdict.UNKNOWN:
            return f"{wanted}. Nothing that was read stands against it, but not everything that decides is known."
        many = "it would fail" if len(failing) == 1 else f"{_number(len(failing))} of its steps would fail"
        return f"{wanted}. Today {many}{shown}."

    @property
    def ask(self) -> str:
        """The heading above the commands."""
        if self.settled or not self.asked:
            return ""
        one = len(self.asked) == 1
        return f"Please run {'this command' if one else f'these {_number(len(self.asked))} commands'}"

    @property
    def how(self) -> str:
        """How to run the commands."""
        only = "" if self.by_hand else " Nothing else is asked for."
        named = self.result.shells
        if len(named) == 1:
            return f"In {SHELL_NAMES[named[0]]}.{only}"
        once = all(len(written_commands(one.fix.az, named)) == 1 for one in self.asked)
        if once:
            return f"In Bash or PowerShell, for example in Azure Cloud Shell.{only}"
        return f"In Bash, for example in Azure Cloud Shell, or in PowerShell on Windows.{only}"

    @property
    def has_open(self) -> bool:
        """Whether something that counts for the verdict is not known."""
        unsaid = self.unsaid and self.verdict is StepVerdict.UNKNOWN
        return bool(self.may_block or self.unread or self.open or unsaid)

    @property
    def afterwards(self) -> tuple[str, ...]:
        """What to do once it is granted, as sentences."""
        lines = []
        if self.asked or self.by_hand or self.settled:
            lines.append("A new role counts after some minutes; who signed in before signs out and in again.")
        undone = any(one.fix.undo is not None for one in (*self.asked, *self.by_hand))
        if undone:
            lines.append(
                "Keep the rights until discovery has started; after that each can be taken back as described above."
            )
        check = "This checks whether everything is there now" if lines else "This checks it again"
        lines.append(f"{check}; it changes nothing in Azure.")
        return tuple(lines)

    @property
    def appliance(self) -> str:
        """The kind of appliance, and how it registers."""
        found = self.result.preflight
        return f"{found.kind or 'any kind'}, {MODES.get(found.mode or '', 'how it registers could not be read')}"

    @property
    def project_state(self) -> str:
        """A remark on a project that is not known to exist."""
        found = self.result.preflight
        absent = "to be created" if found.creates else "not found"
        return {True: "", False: absent, None: "unknown whether it exists"}[found.project.exists]


def grant_request(result: PreflightResult) -> GrantRequest:
    """Return the request that a preflight leads to; equal preflights lead to equal requests."""
    found = result.preflight
    failing = [step for step in found.headline if step.verdict is StepVerdict.NO_GO]
    settled = bool(failing) and all(_activates_all(step) for step in failing)
    needed = tuple(_asked(failing))
    by_others = () if settled else tuple(one for one in needed if one.fix.by and not one.fix.perhaps)
    unknown = [step for step in found.headline if step.verdict is StepVerdict.UNKNOWN]
    held = {one.fix.title for one in by_others}
    perhaps = [one for one in (*needed, *_asked(unknown)) if one.fix.by and one.fix.title not in held]
    own = [one for one in (*needed, *_asked(unknown)) if not one.fix.by]
    gaps = dict.fromkeys(gap for step in found.headline for gap in step.gaps)
    unread = [gap for gap in gaps if gap.code not in NOT_NAMED and not gap.is_undecidable]
    return GrantRequest(
        result=result,
        steps=tuple(StepLine(one.title, one.verdict, _words(one), one.in_headline) for one in found.steps),
        asked=_without_repeats(one for one in by_others if one.fix.az),
        by_hand=tuple(one for one in by_others if not one.fix.az),
        perhaps=tuple(_once(one for one in perhaps if one.fix.perhaps or not settled)),
        own=tuple(_once(one for one in own if one.fix.az)),
        others=tuple(_once(one for one in own if not one.fix.az)),
        missing=rights_at(one for step in failing for one in step.missing),
        blocking=tuple(dict.fromkeys(text for step in failing for text in step.because)),
        may_block=tuple(dict.fromkeys(_may_block(found.headline))),
        unread=refusals(unread),
        open=tuple(dict.fromkeys(gap.message for gap in gaps if gap.is_undecidable and gap.code not in NOT_NAMED)),
        unsaid=tuple(words for code, words in NOT_NAMED.items() if code in {gap.code for gap in gaps}),
        settled=settled,
    )


def _activates_all(step: StepOutcome) -> bool:
    """Return whether the account can get everything that the step lacks by activating what it is eligible for."""
    blocked = any(it.effect is ObstacleEffect.BLOCKS for it in step.obstacles)
    eligible = bool(step.missing) and all(one.eligible and one.can_be_given for one in step.missing)
    return eligible and not step.because and not blocked


def _asked(steps: Iterable[StepOutcome]) -> Iterator[AskedFix]:
    held = list(steps)
    titles = {step.id: step.title for step in held}
    for fixes, ids in ways_out(held):
        portal = tuple(dict.fromkeys(line for fix in fixes for line in fix.portal))
        yield AskedFix(replace(fixes[0], portal=portal), tuple(titles[one] for one in ids))


def _without_repeats(asked: Iterable[AskedFix]) -> tuple[AskedFix, ...]:
    """Return the fixes without those whose commands another one contains."""
    held = list(asked)
    parts = [set((one.fix.az or "").split(" && ")) for one in held]
    kept = []
    for number, one in enumerate(held):
        others = [parts[other] for other in range(len(held)) if other != number]
        within = any(parts[number] < other for other in others)
        if not within:
            kept.append(one)
    return tuple(kept)


def _once(asked: Iterable[AskedFix]) -> Iterator[AskedFix]:
    """Yield the first fix of each title and command."""
    seen: set[tuple[str, str | None]] = set()
    for one in asked:
        key = (one.fix.title, one.fix.az)
        if key not in seen:
            seen.add(key)
            yield one


def _words(step: StepOutcome) -> str:
    errors = [f"error {', '.join(step.errors)}"] if step.errors else []
    return "; ".join((*errors, *in_short(step)))


def _may_block(steps: Iterable[StepOutcome]) -> Iterator[str]:
    for step in steps:
        yield from (it.text for it in step.obstacles if it.effect is ObstacleEffect.MAY_BLOCK)
        yield from (
            f"`{one.action}` is granted only under a condition: {one.condition}"
            for one in step.conditional
            if step.verdict is not StepVerdict.GO
        )


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"
