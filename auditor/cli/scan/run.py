"""`scan`, from its options to its result: read, resolve accounts and scopes, evaluate the rule book."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from auditor.audit.rules.book import Rule
from auditor.audit.rules.rule import rule_texts
from auditor.cli.environment.accounts import asked_account, read_despite_strangers
from auditor.cli.environment.unreadable import ensure_readable, subscription_places
from auditor.cli.rules.choice import chosen_rules
from auditor.cli.scan.options import ScanOptions, moment
from auditor.cli.scan.unjudged import Unjudged
from auditor.cli.terminal import Terminal
from auditor.collect.request import Request
from auditor.inventory.inventory import Inventory
from auditor.inventory.readiness_scope import ReadinessScope
from auditor.inventory.snapshot.records import AskedAbout
from auditor.library.accounts import account_in
from auditor.library.judging import Settled, question_about
from auditor.library.judging import judged as judge
from auditor.library.places import environment_fields, meant
from auditor.report.result import ScanResult
from auditor.report.rule_pages import published_docs

if TYPE_CHECKING:
    from auditor.access.access import Access
    from auditor.audit.readiness.report import ReadinessReport
    from auditor.cli.environment.keeping import Keeper
    from auditor.cli.environment.resumption import Resumption
    from auditor.facts.landscape import Landscape
    from auditor.facts.subject import Subject
    from auditor.inventory.snapshot.snapshot import Snapshot


_READS_ALIKE = frozenset(
    {"error", "rule", "rules", "demo", "snapshot", "save_snapshot", "resume", "max_age", "at", "form", "output"}
) | {"docs_url", "fail_on", "strict", "all_verdicts", "severity", "show", "connection", "suppress", "baseline"}
"""The options of a scan that do not decide what is read; a file of `--resume` is of one scan by all others."""


def resumption_of(asked: ScanOptions, terminal: Terminal) -> "Resumption | None":
    """Return the scan to go on with, or None without `--resume`; raises `UsageFailed` for a file of another one."""
    if asked.resume is None:
        return None
    from auditor.cli.environment.resumption import Resumption

    decides = {one.name: getattr(asked, one.name) for one in fields(asked) if one.name not in _READS_ALIKE}
    identity = {"cloud": asked.connection.cloud} | {
        name.replace("_", " "): sorted({text.strip().lower() for text in value}) if isinstance(value, tuple) else value
        for name, value in decides.items()
    }
    return Resumption(asked.resume, asked.max_age, identity, terminal)


def scan_result(
    asked: ScanOptions, terminal: Terminal, keeper: "Keeper", resumption: "Resumption | None" = None
) -> ScanResult:
    """Return the result of the scan that was asked for; the rule files are checked before anything is read."""
    rules = chosen_rules(asked.rules, asked.rule, asked.error)
    read = read_environment(asked, terminal, keeper, resumption)
    settled = Settled.EXPLAINED if asked.all_verdicts else Settled.NAMED if asked.names_settled else Settled.COUNTED
    return judged(rules, read.inventory, read.asked, read.accounts, settled)


@dataclass(frozen=True, slots=True)
class ReadEnvironment:
    """What was read, whom it is about (object ids), and the options with the defaults of a saved scan."""

    asked: ScanOptions
    inventory: Inventory
    accounts: tuple[str, ...]


def read_environment(
    asked: ScanOptions,
    terminal: Terminal,
    keeper: "Keeper | None" = None,
    resumption: "Resumption | None" = None,
) -> ReadEnvironment:
    """Return the environment that the options name: a saved one, the embedded one, or what Azure shows now."""
    if asked.demo:
        from auditor.cli.environment.demo import CAST

        asked = asked.about(CAST)
    return environment_in(_snapshot(asked, terminal, keeper, resumption), asked, terminal)


def environment_in(snapshot: "Snapshot", asked: ScanOptions, terminal: Terminal) -> ReadEnvironment:
    """Return the environment in a snapshot, and whom the options mean there; raises `CommandFailed` if it is empty."""
    inventory = Inventory.of(snapshot, moment(asked.at) if asked.at else None)
    if asked.snapshot is not None:
        asked = _as_saved(asked, inventory, terminal)
    part = snapshot_part(asked, inventory)
    places = None if part is None else subscription_places(part)
    ensure_readable(snapshot, terminal, places, every=asked.all_subscriptions)
    accounts = tuple(asked_account(inventory, text, terminal).id for text in asked.account)
    return ReadEnvironment(asked, inventory, accounts)


def _snapshot(
    asked: ScanOptions, terminal: Terminal, keeper: "Keeper | None", resumption: "Resumption | None"
) -> "Snapshot":
    if asked.snapshot is not None:
        from auditor.inventory.snapshot.files import load

        return load(asked.snapshot)
    from auditor.cli.environment.demo import read_asked

    def read(accounts: tuple[str, ...], strangers: tuple[str, ...]) -> "Snapshot":
        request = replace(_request(replace(asked, account=accounts)), strangers=strangers)
        return read_asked(request, asked.connection, terminal, keeper, demo=asked.demo, resumption=resumption)

    return read_despite_strangers(read, asked.account)


def _as_saved(asked: ScanOptions, inventory: Inventory, terminal: Terminal) -> ScanOptions:
    """Return the options with what the saved scan was about as defaults, and say which of them came from there."""
    same = asked.as_in(inventory.header.asked)
    named = {"--account": (asked.account, same.account), "--project": (asked.project, same.project)}
    named["--resource-group"] = (asked.resource_group, same.resource_group)
    named["--registration-mode"] = (asked.registration_mode, same.registration_mode)
    taken = [option for option, (given, used) in named.items() if used and not given]
    if taken:
        about = [*(account_in(inventory, text).name for text in same.account if not asked.account)]
        about += [
            f"{option.removeprefix('--').replace('-', ' ')} {used}"
            for option, (given, used) in named.items()
            if isinstance(used, str) and not given
        ]
        terminal.note(f"about the same as the saved scan: {', '.join(about)}; for others give {_options(taken)}")
    return same


def _options(taken: list[str]) -> str:
    """Return the options with which to ask about something else than the saved scan did."""
    part = {"--project", "--resource-group"} & set(taken)
    return " or ".join(f"`{option}`" for option in [*taken, *(["--all"] if part else [])])


def snapshot_part(asked: ScanOptions, inventory: Inventory) -> frozenset[str] | None:
    """Return the subscriptions of a saved snapshot that were asked for; None for all that were read."""
    if asked.snapshot and (asked.subscription or asked.management_group):
        return meant(inventory, asked.subscription, asked.management_group)
    return None


def _request(asked: ScanOptions) -> Request:
    return Request(
        subscriptions=asked.subscription,
        management_groups=asked.management_group,
        all=asked.all_subscriptions,
        accounts=asked.account,
        deep=asked.deep,
        machines=asked.deep,
        machines_of=ReadinessScope.of(asked.project, asked.resource_group),
        projects=(asked.project,) if asked.project else (),
        groups=(asked.resource_group,) if asked.resource_group else (),
        registration_mode=asked.registration_mode,
        source="arm" if asked.demo and asked.source == "auto" else asked.source,
    )


def judged(
    rules: tuple[Rule, ...],
    inventory: Inventory,
    asked: ScanOptions,
    accounts: tuple[str, ...] = (),
    settled: Settled = Settled.EXPLAINED,
) -> ScanResult:
    """Return the result of the rules for everything in the inventory that was asked about, and these accounts."""
    from auditor.access.access import Access
    from auditor.audit.left_behind import LeftBehindFound
    from auditor.facts.landscape import NOTHING

    part = snapshot_part(asked, inventory)
    about = AskedAbout(
        accounts=accounts,
        project=asked.project,
        resource_group=asked.resource_group,
        registration_mode=asked.registration_mode,
    )
    question, access = question_about(inventory, rules, about, part), Access.of(inventory)
    causes = Unjudged(rules, asked)
    left = LeftBehindFound({rule.subject for rule in rules}) if asked.writes_workbook else None

    def watched(every: "Iterable[Subject]") -> "Iterable[Subject]":
        return causes.looking_at(every if left is None else left.looking_at(every))

    judgement = judge(inventory, access, question, settled, watched)
    return ScanResult(
        **environment_fields(inventory),
        subscriptions=inventory.header.scope.subscriptions,
        findings=judgement.findings,
        only_counted=judgement.only_counted,
        coverage=judgement.coverage,
        rules=rule_texts(rules),
        landscape=_landscape(inventory, access) if asked.writes_page or asked.writes_workbook else NOTHING,
        narrowed_to=asked.narrowed_to,
        registration_mode=asked.registration_mode or "",
        unjudged=causes.in_words(),
        left_behind=None if left is None else left.found,
        docs_url=asked.docs_url or published_docs(),
        readiness=_readiness(inventory, asked, part) if asked.writes_page else None,
    )


def _readiness(inventory: Inventory, asked: ScanOptions, part: frozenset[str] | None) -> "ReadinessReport | None":
    """Return what assessments say about machines; None where none were read."""
    from auditor.audit.readiness.remedies import entry_or_cause
    from auditor.cli.environment.assessed import readiness_report
    from auditor.facts.readiness.readiness import Assessed

    scope = ReadinessScope.of(asked.project, asked.resource_group).within(part)
    found = Assessed(inventory, scope).readiness(entry_or_cause)
    return readiness_report(inventory, found) if found.waves else None


def _landscape(inventory: Inventory, access: "Access") -> "Landscape":
    from auditor.facts.subjects.landscape import landscape

    return landscape(inventory, access)
