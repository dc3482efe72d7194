"""A preflight as Markdown for a ticket or a mail to the person who can grant what is missing."""

from collections.abc import Iterable, Iterator, Sequence

from auditor.audit.preflight.report import StepVerdict
from auditor.report.formats.markdown_text import cell, code, commands, plain, undone
from auditor.report.preflight.grant_request import AskedFix, GrantRequest, grant_request
from auditor.report.preflight_result import PreflightResult
from auditor.shells import CommandShell

_MARKS = {StepVerdict.GO: "✅ go", StepVerdict.NO_GO: "❌ no-go", StepVerdict.UNKNOWN: "❓ unknown"}


def render(result: PreflightResult) -> str:
    """Return the request as Markdown, in which foreign text mentions nobody and links nowhere."""
    return "\n".join(_lines(grant_request(result))) + "\n"


def _lines(asked: GrantRequest) -> Iterator[str]:
    shells = asked.result.shells
    yield from (f"# {asked.title}", "", plain(asked.lead))
    yield from _about(asked)
    if asked.settled:
        yield from ("", "## Nothing has to be granted", "")
        yield "The account is eligible for everything that is missing, and activates it itself:"
        yield from _fixes(asked.own, shells)
    if asked.ask:
        yield from ("", f"## {asked.ask}", "")
        yield asked.how
        yield from _fixes(asked.asked, shells)
    if asked.by_hand:
        yield from ("", "## Please do this in the portal")
        yield from _fixes(asked.by_hand, shells)
    if asked.missing or asked.blocking:
        yield from ("", "## What is missing", "")
        yield from (f"- {plain(one)}" for one in asked.blocking)
        for right in asked.missing:
            remark = f" ({plain(right.remark)})" if right.remark else ""
            yield f"- at {plain(right.place)}: {plain(right.words)}{remark}"
    yield from _open(asked)
    if not asked.settled and asked.own:
        yield from ("", "## What the account can do itself")
        yield from _fixes(asked.own, shells)
    if asked.others:
        yield from ("", "## Ways that need no grant", "")
        for other in asked.others:
            yield f"- {plain(other.fix.title)}: {' '.join(plain(step) for step in other.fix.portal)}"
    yield from _checked(asked)
    yield from _afterwards(asked)


def _about(asked: GrantRequest) -> Iterator[str]:
    result, found = asked.result, asked.result.preflight
    project = found.project
    title = result.titles.get(project.subscription.lower(), "")
    named = f"{code(title)} ({code(project.subscription)})" if title else code(project.subscription)
    state = f" ({asked.project_state})" if asked.project_state else ""
    group = f"in the resource group {code(project.resource_group)} of " if project.resource_group else "in "
    rows = [
        ("account", f"{code(found.account.name)}, object id {code(found.account.id)}"),
        ("project", f"{code(project.name)}{state} {group}the subscription {named}"),
        ("tenant", f"{code(result.tenant_name)} ({code(result.tenant_id)})"),
        ("appliance", asked.appliance),
        (
            "as of",
            f"{result.evaluated_at:%Y-%m-%d %H:%M} UTC, read by {code(result.read_by)} with {plain(result.tool)}",
        ),
    ]
    if found.discovery_account != found.account:
        discovery = f"{code(found.discovery_account.name)}, object id {code(found.discovery_account.id)}"
        rows.insert(1, ("starts discovery", discovery))
    yield from ("", "| | |", "| --- | --- |")
    yield from (f"| {name} | {cell(text)} |" for name, text in rows)
    yield from ("", "| step | verdict | |", "| --- | --- | --- |")
    for step in asked.steps:
        yield f"| {step.title} | {_MARKS[step.verdict]} | {cell(plain(step.words)) if step.words else ''} |"


def _fixes(fixes: Iterable[AskedFix], shells: Sequence[CommandShell]) -> Iterator[str]:
    for number, one in enumerate(fixes, start=1):
        fix = one.fix
        warning = "" if fix.safe else " **(can lose something)**"
        yield from ("", f"{number}. **{plain(fix.title)}**{warning}, for: {', '.join(one.steps)}", "")
        if fix.az:
            yield from (f"    {line}" for line in commands(fix.az, shells))
            yield ""
        else:
            yield from (f"    - {plain(step)}" for step in fix.portal)
        yield f"    - what it changes: {plain(fix.changes)}"
        if fix.by:
            yield f"    - who can do it: {plain(fix.by)}"
        if fix.undo is not None:
            yield f"    - to undo it: {undone(fix.undo.words, fix.undo.az, shells)}"


def _open(asked: GrantRequest) -> Iterator[str]:
    """Yield what is not known, and what is needed only if it is in the way."""
    if not asked.has_open:
        return
    yield from ("", "## What is not known", "")
    yield from (f"- may be in the way: {plain(text)}" for text in asked.may_block)
    yield from (f"- cannot be decided from here: {plain(text)}" for text in asked.open)
    yield from (f"- {plain(text)}" for text in asked.unsaid)
    for refusal in asked.unread:
        at = f"{code(refusal.scopes[0])}{f' and {len(refusal.scopes) - 1:,} more' if len(refusal.scopes) > 1 else ''}"
        cures = f"; to settle it, {code(asked.result.read_by)} needs {', '.join(map(code, refusal.cures))}"
        lists = ", ".join(map(code, refusal.lists))
        yield f"- not read: {lists} at {at}: {plain(refusal.answer)}{cures if refusal.cures else ''}"
    if asked.perhaps:
        yield from ("", "Only if one of these turns out to be in the way:")
        yield from _fixes(asked.perhaps, asked.result.shells)


def _checked(asked: GrantRequest) -> Iterator[str]:
    if asked.verdict is not StepVerdict.GO:
        return
    yield from ("", "## What was checked", "")
    for step in asked.result.preflight.headline:
        yield f"- {step.title}: {'; '.join(plain(one) for one in step.checked)}"


def _afterwards(asked: GrantRequest) -> Iterator[str]:
    yield from ("", "## Afterwards", "")
    for line in asked.afterwards:
        yield f"- {plain(line)}"
    if asked.result.again:
        yield from ("", *commands(asked.result.again, asked.result.shells))
