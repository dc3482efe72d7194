"""The law that no step of a preflight contradicts a scan of its account, its project and the obstacles there.

For each step alone, for every account of the directory and every project:

- where a finding of `RULES` fails, the steps listed with it are not `go`, unless they are already done;
- where a step is `go` and not done, none of these findings fails or is unknown;
- where a step is `no-go`, a part of it fails, and if a rule judges that part, its finding fails too.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Finding, Verdict
from auditor.audit.preflight.report import StepVerdict, verdict_of
from auditor.audit.rules.book import Rule, load_rules
from auditor.data import fixtures_dir, rules_dir
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.check import StepCheck, check_step
from auditor.facts.preflight.obstacles import ObstacleEffect
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.steps import Part, steps
from auditor.facts.subjects.every import subjects
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.records import ArmRecord, GraphRecord, arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, accounts, environment
from tests.sampling import examples

EVERY = tuple(steps())
IN_THE_PROJECT = EVERY[1:]
RULES: dict[str, tuple[str, ...]] = {
    "project-missing": IN_THE_PROJECT,
    "project-not-ready": IN_THE_PROJECT,
    "subscription-not-enabled": EVERY,
    "lock-in-the-way": EVERY,
    "account-disabled": EVERY,
    "guest-invitation-pending": EVERY,
    "account-cannot-register": ("register",),
    "deny-assignment-in-the-way": ("register",),
    "role-only-eligible": ("register",),
    "vault-access-missing": ("register",),
    "may-not-create-applications": ("register",),
    "not-application-owner": ("start-discovery",),
}
"""The rules about the needs of steps, each with the steps that cannot be `go` where it fails."""

JUDGED: dict[Part, tuple[str, ...]] = {
    Part.PROJECT: ("project-missing", "project-not-ready"),
    Part.ACCOUNT: ("account-disabled", "guest-invitation-pending"),
}
"""The parts that fail only where one of these rules fails, in every step inside the project."""


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in load_rules(rules_dir()) if rule.id in RULES)


def disagreements(snapshot: Snapshot, people: Sequence[str]) -> list[str]:
    inventory = Inventory.of(snapshot)
    context = Context(inventory, Access.of(inventory))
    known = [one for one in people if inventory.object(one) is not None]
    found = evaluate(rules(), subjects(inventory, context.access, accounts=known))
    findings = {(finding.rule, finding.subject.id.lower()): finding for finding in found}
    projects = [project.arm_id for project in context.estate.projects.values()]
    return [
        f"{account} × {project.name}: {said}"
        for account in known
        for project in projects
        for said in about(context, findings, account, project)
    ]


def about(context: Context, findings: dict[tuple[str, str], Finding], account: str, project: ArmId) -> Iterator[str]:
    ids = {account.lower(), str(project).lower(), f"{account}@{project}".lower()}
    own = {rule: finding.verdict for (rule, id_), finding in findings.items() if id_ in ids}
    for step in steps().values():
        plan = RegistrationPlan(
            project=project, account=account, discovery_account=account, kind=None, steps=(step.id,)
        )
        yield from contradictions(check_step(context, plan, step), own)


def contradictions(check: StepCheck, own: dict[str, Verdict]) -> Iterator[str]:
    step, verdict = check.step.id, verdict_of(check)
    relevant = {rule: own[rule] for rule, judged in RULES.items() if step in judged and rule in own}
    if check.is_done:
        return
    failing = {rule for rule, said in relevant.items() if said is Verdict.FAIL}
    if failing and verdict is not StepVerdict.NO_GO:
        yield f"{step} is {verdict.value}, but {sorted(failing)} fail"
    unknown = {rule for rule, said in relevant.items() if said is Verdict.UNKNOWN}
    if unknown and verdict is StepVerdict.GO:
        yield f"{step} goes, but {sorted(unknown)} are unknown"
    if verdict is StepVerdict.NO_GO and not any(check.failing(part) for part in Part):
        yield f"{step} does not go, but nothing is out of order"
    if step in IN_THE_PROJECT:
        for part, rules_ in JUDGED.items():
            if check.failing(part) and not failing & set(rules_):
                yield f"the {part.value} of {step} is out of order, but none of {rules_} fails"
        yield from _unfounded(check, own)


def _unfounded(check: StepCheck, own: dict[str, Verdict]) -> Iterator[str]:
    """Yield the blocking obstacles of an existing project for which no finding fails."""
    if own.get("project-not-ready") is Verdict.NOT_APPLICABLE:
        return
    for kind, rule in (("subscription", "subscription-not-enabled"), ("lock", "lock-in-the-way")):
        blocks = any(it.kind == kind and it.effect is ObstacleEffect.BLOCKS for it in check.obstacles)
        if blocks and own.get(rule) is not Verdict.FAIL:
            yield f"{check.step.id} is blocked by a {kind}, but {rule} does not fail"


@pytest.mark.parametrize("name", ["contoso", "contoso-gov", "fabrikam", "tailspin"])
def test_in_an_embedded_environment(name: str) -> None:
    snapshot = load(fixtures_dir() / f"{name}.yaml")
    people = [user.id for user in Inventory.of(snapshot).objects(User)]
    assert disagreements(snapshot, people) == []


STATES = st.sampled_from(["Enabled", "Warned", "PastDue", "Disabled", "Expired", "Deleted", "Unheard"])


@examples(15)
@given(data=st.data(), seed=st.integers(0, 10_000), unread=st.sampled_from([0.0, 0.1, 0.3]))
def test_in_changed_generated_environments(data: st.DataObject, seed: int, unread: float) -> None:
    """Adds what the generator itself does not make: subscriptions in every state, locks, disabled accounts."""
    made = environment(Size(accounts=3, projects=1.0, unread=unread), seed)
    arm = [shaken(data, record) for record in made.arm]
    groups = [one.id for one in made.arm if one.type == "Microsoft.Resources/resourceGroups"]
    arm += [lock(group) for group in groups if data.draw(st.booleans())]
    graph = [disabled(data, record) for record in made.graph]
    snapshot = Snapshot.of(
        made.header, arm=arm, graph=graph, links=made.links, events=made.events, reads=made.reads, gaps=made.gaps
    )
    assert disagreements(snapshot, accounts(made)) == []


def shaken(data: st.DataObject, record: ArmRecord) -> ArmRecord:
    if record.type != "Microsoft.Resources/subscriptions":
        return record
    return arm_record(json.loads(record.body) | {"state": data.draw(STATES)})


def disabled(data: st.DataObject, record: GraphRecord) -> GraphRecord:
    if record.deleted or not record.odata_type.endswith(".user") or data.draw(st.booleans()):
        return record
    return graph_record(json.loads(record.body) | {"accountEnabled": False})


def lock(group: str) -> ArmRecord:
    identity = f"{group}/providers/Microsoft.Authorization/locks/frozen"
    kind = "Microsoft.Authorization/locks"
    return arm_record({"id": identity, "type": kind, "name": "frozen", "properties": {"level": "ReadOnly"}})
