"""The judgement of rules on everything in an inventory that was asked about, and on what may be there unseen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Coverage, Finding, OnlyCounted
from auditor.audit.rules.book import Rule
from auditor.facts.entities.named_ids import NamedIds
from auditor.facts.entities.projects import AskedProject
from auditor.facts.estate.registration_modes import Mode
from auditor.facts.subject import Subject
from auditor.facts.subjects.every import subjects
from auditor.facts.subjects.unseen import unseen
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap
from auditor.inventory.resources.subscriptions import Subscription
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.records import AskedAbout
from auditor.inventory.unscanned import unlisted
from auditor.library.accounts import account_meant
from auditor.library.places import narrowed, refuse_unknown_places
from auditor.library.role_fixes import RoleFixes


class Settled(Enum):
    """What is kept of the findings that pass or do not apply: all, all but their evidence, or their number."""

    EXPLAINED = "explained"
    NAMED = "named"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesQuestion:
    """What is judged: the rules, the accounts (object ids; none means the reader), and the part of the inventory.

    `subscriptions` are ids in lower case; None means all that were read.
    """

    rules: tuple[Rule, ...]
    accounts: tuple[str, ...] = ()
    project: str | None = None
    resource_group: str | None = None
    registration_mode: Literal["user", "app", "arc"] | None = None
    subscriptions: frozenset[str] | None = None


def question_about(
    inventory: Inventory, rules: tuple[Rule, ...], about: AskedAbout, subscriptions: frozenset[str] | None = None
) -> RulesQuestion:
    """Return the question of the rules that is about these accounts, by any of their names, and these places.

    Raises `BadRequest` for an account, a project or a resource group that is proven not to exist.
    """
    refuse_unknown_places(inventory, about.project, about.resource_group)
    return RulesQuestion(
        rules=rules,
        accounts=tuple(account_meant(inventory, name).id for name in about.accounts),
        project=about.project,
        resource_group=about.resource_group,
        registration_mode=about.registration_mode,
        subscriptions=subscriptions,
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings, those that were only counted, and what was read for them."""

    findings: tuple[Finding, ...]
    only_counted: OnlyCounted
    coverage: Coverage


def judged(
    inventory: Inventory,
    access: Access,
    asked: RulesQuestion,
    settled: Settled = Settled.EXPLAINED,
    watch: Callable[[Iterable[Subject]], Iterable[Subject]] = lambda subjects: subjects,
) -> Judgement:
    """Return the judgement; `watch` sees every subject before it is judged."""
    project = AskedProject.of(asked.project, asked.resource_group) if asked.project else None
    kinds = frozenset(rule.subject for rule in asked.rules)
    every = subjects(
        inventory,
        access,
        accounts=asked.accounts or None,
        projects=(project,) if project else (),
        resource_group=asked.resource_group,
        registration_mode=Mode(asked.registration_mode) if asked.registration_mode else None,
        kinds=kinds,
    )
    part = asked.subscriptions
    if part is not None:
        every = narrowed(every, part)
    hidden = unseen(
        inventory,
        inventory.scanned if part is None else part,
        project=project,
        resource_group=asked.resource_group,
        kinds=kinds,
    )
    only_counted = OnlyCounted() if settled is Settled.COUNTED else None
    explains = settled is Settled.EXPLAINED
    names = NamedIds(inventory)
    findings = evaluate(
        asked.rules, watch(every), hidden, only_counted=only_counted, explains_settled=explains, names=names
    )
    findings = RoleFixes(access).told(findings)
    reads = with_reads(inventory.snapshot).reads or ()
    return Judgement(findings, only_counted or OnlyCounted(), Coverage.of(reads, gaps_of(inventory), findings))


def gaps_of(inventory: Inventory) -> tuple[Gap, ...]:
    """Return the gaps of everything that was read; subscriptions out of sight where all others were read."""
    gaps = (*inventory.snapshot.gaps, *inventory.malformed)
    in_sight = {held.arm_id.name.lower() for held in inventory.all(Subscription)}
    return (*gaps, *unlisted(inventory)) if in_sight <= inventory.scanned else gaps
