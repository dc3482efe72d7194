"""`readiness`, from its options to its result: read, choose the assessments, count their machines, find causes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Finding
from auditor.audit.readiness.remedies import entry_or_cause
from auditor.audit.readiness.report import ReadinessReport
from auditor.audit.rules.book import Rule
from auditor.cli.environment.assessed import readiness_report
from auditor.cli.environment.demo import read_asked
from auditor.cli.environment.unreadable import ensure_readable, subscription_places
from auditor.cli.readiness.names import refuse_unknown_names
from auditor.cli.readiness.options import ReadinessOptions
from auditor.cli.rules.choice import chosen_rules
from auditor.cli.scan.options import moment
from auditor.cli.scan.run import snapshot_part
from auditor.cli.terminal import Terminal
from auditor.collect.request import Request
from auditor.facts.entities.named_ids import NamedIds
from auditor.facts.estate.joins import Estate
from auditor.facts.readiness.machines import MachineRow, machine_rows
from auditor.facts.readiness.readiness import Assessed, Readiness
from auditor.facts.schema import SubjectKind
from auditor.facts.subjects.assessment import assessment_subject, projects_of_assessment
from auditor.facts.subjects.discovery import discovery_subject, projects_of_site
from auditor.inventory.inventory import Inventory
from auditor.inventory.readiness_scope import ReadinessScope
from auditor.report.rule_pages import published_docs

if TYPE_CHECKING:
    from auditor.cli.environment.keeping import Keeper


@dataclass(frozen=True, slots=True)
class AskedReadiness:
    """The report, and the machines that it counts, one row at a time."""

    report: ReadinessReport
    assessed: Assessed

    def rows(self) -> Iterator[MachineRow]:
        """Yield a row for each machine of each assessment."""
        return machine_rows(self.assessed)


def asked_readiness(asked: ReadinessOptions, terminal: Terminal, keeper: "Keeper") -> AskedReadiness:
    """Return the readiness of what was asked for; raises `UsageFailed` for a name that nothing has."""
    inventory = _inventory(asked, terminal, keeper)
    scope = _scope(asked, inventory)
    refuse_unknown_names(inventory, scope)
    assessed = Assessed(inventory, scope)
    readiness = assessed.readiness(entry_or_cause)
    rules = tuple(one for one in chosen_rules() if one.subject in {SubjectKind.ASSESSMENT, SubjectKind.DISCOVERY})
    findings = _findings(rules, inventory, readiness)
    docs_url = asked.docs_url or published_docs()
    return AskedReadiness(readiness_report(inventory, readiness, findings, rules, docs_url), assessed)


def _inventory(asked: ReadinessOptions, terminal: Terminal, keeper: "Keeper") -> Inventory:
    at = moment(asked.at) if asked.at else None
    if asked.snapshot is not None:
        from auditor.inventory.snapshot.files import load

        inventory = Inventory.of(load(asked.snapshot), at)
        part = snapshot_part(asked.as_scan(), inventory)
        ensure_readable(inventory.snapshot, terminal, None if part is None else subscription_places(part))
        return inventory
    everything = asked.all_subscriptions or (asked.demo and not (asked.subscription or asked.management_group))
    request = Request(
        subscriptions=asked.subscription,
        management_groups=asked.management_group,
        all=everything,
        machines=True,
        machines_of=_names(asked),
    )
    snapshot = read_asked(request, asked.connection, terminal, keeper, demo=asked.demo)
    ensure_readable(snapshot, terminal, every=everything)
    return Inventory.of(snapshot, at)


def _scope(asked: ReadinessOptions, inventory: Inventory) -> ReadinessScope:
    return _names(asked).within(snapshot_part(asked.as_scan(), inventory))


def _names(asked: ReadinessOptions) -> ReadinessScope:
    scope = ReadinessScope.of(asked.project, asked.resource_group)
    return replace(scope, group=asked.group, assessment=asked.assessment)


def _findings(rules: Iterable[Rule], inventory: Inventory, readiness: Readiness) -> tuple[Finding, ...]:
    """Return what the rules about assessments and discovery find."""
    estate = Estate(inventory)
    subjects = (
        *(assessment_subject(one, projects_of_assessment(estate, one)) for one in readiness.waves),
        *(discovery_subject(one, readiness.now, projects_of_site(estate, one)) for one in readiness.sites),
    )
    return evaluate(rules, subjects, names=NamedIds(inventory))
