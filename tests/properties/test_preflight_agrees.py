"""The law that `scan` and `preflight` never disagree, and that unread data makes a preflight unknown, nothing else.

For every account of the directory and every project that exists or is referred to, with the step `register` alone:

- where a finding of `RULES` fails, the step is `no-go` and names the finding's error ids;
- where the step is `go`, none of these findings fails or is unknown;
- where the step is `no-go`, a part of it fails, and if the scan judges that part too, the finding fails.

Checks that only preflight makes (disabled account, creating applications, locks, a project that is not ready) may make
a step `no-go` without a finding, never the other way round.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

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
from auditor.facts.preflight.check import check_step
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.rights.steps import DISCOVER, REGISTER, ApplianceKind, Part, steps
from auditor.facts.subjects.every import subjects
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import SMALL, Size, accounts, environment, hide, hideable
from tests.cases.situations import private_project_with_failed_endpoint
from tests.sampling import examples, sampled

JUDGED = {"account-cannot-register": (Part.RIGHTS, Part.PROVIDERS), "vault-access-missing": (Part.VAULT,)}
"""The rules of a registration with the parts of the step that they judge."""
ABOUT_THE_ACCOUNT, ABOUT_THE_PROJECT = "guest-invitation-pending", "project-missing"
OWNER = "not-application-owner"


@cache
def rules() -> tuple[Rule, ...]:
    wanted = {*JUDGED, ABOUT_THE_ACCOUNT, ABOUT_THE_PROJECT, OWNER}
    return tuple(rule for rule in load_rules(rules_dir()) if rule.id in wanted)


class World:
    def __init__(self, snapshot: Snapshot, people: Sequence[str]) -> None:
        self.inventory = Inventory.of(snapshot)
        self.context = Context(self.inventory, Access.of(self.inventory))
        self.people = [one for one in people if self.inventory.object(one) is not None]
        self.projects = [project.arm_id for project in self.context.estate.projects.values()]
        found = evaluate(rules(), subjects(self.inventory, self.context.access, accounts=self.people))
        self.findings = {(finding.rule, finding.subject.id.lower()): finding for finding in found}

    def about(self, account: str, project: ArmId) -> dict[str, Finding]:
        ids = {**dict.fromkeys((*JUDGED, OWNER), f"{account}@{project}")}
        ids |= {ABOUT_THE_ACCOUNT: account, ABOUT_THE_PROJECT: str(project)}
        pairs = {rule: self.findings.get((rule, id_.lower())) for rule, id_ in ids.items()}
        return {rule: finding for rule, finding in pairs.items() if finding is not None}


def disagreements(world: World) -> list[str]:
    return [
        f"{account} × {project.name}: {said}"
        for account in world.people
        for project in world.projects
        for said in (*about_registering(world, account, project), *about_discovery(world, account, project))
    ]


def about_registering(world: World, account: str, project: ArmId) -> list[str]:
    plan = RegistrationPlan(project=project, account=account, discovery_account=account, kind=None, steps=(REGISTER,))
    check = check_step(world.context, plan, steps()[REGISTER])
    verdict = verdict_of(check)
    findings = world.about(account, project)
    relevant = {rule: finding for rule, finding in findings.items() if rule != OWNER}
    failing = {rule for rule, finding in relevant.items() if finding.verdict is Verdict.FAIL}
    said = []
    if failing and verdict is not StepVerdict.NO_GO:
        said.append(f"{failing} fail, the step is {verdict.value}")
    said += [
        f"{rule} fails, the step has none of its errors"
        for rule in failing & set(JUDGED)
        if not set(findings[rule].errors) & set(check.errors)
    ]
    if verdict is StepVerdict.GO:
        undecided = {rule for rule, finding in relevant.items() if finding.verdict is Verdict.UNKNOWN}
        said += [f"the step goes, {rule} is unknown" for rule in undecided]
    if verdict is StepVerdict.NO_GO:
        if not any(check.failing(part) for part in Part):
            said.append("the step does not go, nothing is out of order")
        if check.failing(Part.PROJECT) and ABOUT_THE_PROJECT not in failing and _is_ready(world, project):
            said.append("the project is there and ready, the step says otherwise")
        if check.failing(Part.ACCOUNT) and ABOUT_THE_ACCOUNT not in failing and not _is_disabled(world, account):
            said.append("the account may sign in, the step says otherwise")
        said += [
            f"{rule} is {findings[rule].verdict.value}, its part is out of order"
            for rule, parts in JUDGED.items()
            if rule in findings
            and any(check.failing(part) for part in parts)
            and findings[rule].verdict not in {Verdict.FAIL, Verdict.NOT_APPLICABLE}
            and not (findings[rule].verdict is Verdict.UNKNOWN and _who_registers_is_unknown(findings[rule]))
        ]
    return said


def _is_ready(world: World, project: ArmId) -> bool:
    properties = world.context.estate.projects[project.key].properties
    return properties is not None and (properties.provisioning_state or "").lower() == "succeeded"


def _is_disabled(world: World, account: str) -> bool:
    held = world.inventory.object(account)
    return isinstance(held, User) and held.account_enabled is False


def _who_registers_is_unknown(finding: Finding) -> bool:
    """Return whether the rule cannot know if it applies, since the appliance's registration is unknown."""
    return any(not gap.what.startswith("Microsoft.Authorization/") for gap in finding.gaps)


def about_discovery(world: World, account: str, project: ArmId) -> list[str]:
    plan = RegistrationPlan(project=project, account=account, discovery_account=account, kind=None, steps=(DISCOVER,))
    check = check_step(world.context, plan, steps()[DISCOVER])
    finding = world.about(account, project).get(OWNER)
    verdict = verdict_of(check)
    if finding is None:
        return []
    fails = finding.verdict is Verdict.FAIL
    said = []
    if fails != check.failing(Part.ENTRA):
        said.append(f"{OWNER} is {finding.verdict.value}, the application part says otherwise")
    if fails and not (verdict is StepVerdict.NO_GO and "60025" in check.errors):
        said.append(f"{OWNER} fails, discovery is {verdict.value}")
    return said


@pytest.mark.parametrize("name", ["contoso", "fabrikam", "tailspin"])
def test_about_an_embedded_environment(name: str) -> None:
    snapshot = load(fixtures_dir() / f"{name}.yaml")
    people = [user.id for user in Inventory.of(snapshot).objects(User)]
    assert disagreements(World(snapshot, people)) == []


@pytest.mark.parametrize("unread", [0.0, 0.1, 0.3])
@examples(8)
@given(seed=st.integers(0, 10_000))
def test_about_generated_environments(unread: float, seed: int) -> None:
    snapshot = environment(Size(accounts=3, projects=1.0, unread=unread), seed)
    assert disagreements(World(snapshot, accounts(snapshot))) == []


AUTHORIZATION = "Microsoft.Authorization"
ASKED = sorted({action for need in steps()[REGISTER].needs for action in need.one_of})


@sampled("action", ASKED, one_in=4)
@examples(1, 25)
@given(seed=st.integers(0, 10_000))
def test_with_one_role_that_grants_everything_but_one_action(action: str, seed: int) -> None:
    """Everybody lacks one right of the step, each in turn, and both commands report it."""
    made = environment(Size(accounts=3, projects=1.0, unread=0.0), seed)
    people = accounts(made)
    snapshot = replace(made, arm=(*(one for one in made.arm if not gives(one)), *held_by(people, action)))
    world = World(snapshot, people)
    assert disagreements(world) == []
    cannot = {finding.verdict for (rule, _), finding in world.findings.items() if rule == "account-cannot-register"}
    others = [need.one_of for need in steps()[REGISTER].needs if action in need.one_of and len(need.one_of) > 1]
    assert Verdict.PASS not in cannot or others


def gives(record: ArmRecord) -> bool:
    kinds = ("roleassignments", "roleassignmentscheduleinstances", "roleeligibilityscheduleinstances")
    return record.type.lower() in {f"{AUTHORIZATION.lower()}/{kind}" for kind in kinds}


def held_by(people: Sequence[str], lacking: str) -> Iterator[ArmRecord]:
    role = f"/providers/{AUTHORIZATION}/roleDefinitions/5f0e0000-0000-4000-8000-000000000001"
    permissions = [{"actions": ["*"], "notActions": [lacking], "dataActions": ["*"], "notDataActions": []}]
    properties: dict[str, object] = {"roleName": "Almost", "type": "CustomRole", "permissions": permissions}
    yield arm_record({"id": role, "type": f"{AUTHORIZATION}/roleDefinitions", "properties": properties})
    for number, one in enumerate(people):
        held = {"principalId": one, "principalType": "User", "roleDefinitionId": role, "scope": "/"}
        identity = f"/providers/{AUTHORIZATION}/roleAssignments/5f0e0000-0000-4000-8000-{number:012}"
        yield arm_record({"id": identity, "type": f"{AUTHORIZATION}/roleAssignments", "properties": held})


Said = dict[tuple[str, str, str], StepVerdict]


def verdicts(snapshot: Snapshot, people: Sequence[str], projects: Sequence[ArmId], kind: ApplianceKind | None) -> Said:
    inventory = Inventory.of(snapshot)
    context = Context(inventory, Access.of(inventory))
    found: Said = {}
    for account in people:
        for project in projects:
            plan = RegistrationPlan(project=project, account=account, discovery_account=account, kind=kind)
            checks = (check_step(context, plan, step) for step in plan.asked)
            found |= {(account, project.key, check.step.id): verdict_of(check) for check in checks}
    return found


@cache
def seen(name: str) -> tuple[Snapshot, tuple[str, ...], tuple[ArmId, ...], Said]:
    if name == "private":
        with TemporaryDirectory() as folder:
            snapshot = with_reads(load(private_project_with_failed_endpoint().save(Path(folder), name)))
    else:
        snapshot = with_reads(load(fixtures_dir() / f"{name}.yaml"))
    world = World(snapshot, [user.id for user in Inventory.of(snapshot).objects(User)])
    people, projects = tuple(world.people[::3]), tuple(world.projects[:2])
    return snapshot, people, projects, verdicts(snapshot, people, projects, ApplianceKind.VMWARE)


@pytest.mark.parametrize("name", ["contoso", "private"])
@examples(7)
@given(data=st.data())
def test_hiding_reads_changes_no_verdict_but_to_unknown(name: str, data: st.DataObject) -> None:
    snapshot, people, projects, before = seen(name)
    hidden = data.draw(st.lists(st.sampled_from(hideable(snapshot)), min_size=1, max_size=6, unique=True))
    after = verdicts(hide(snapshot, hidden), people, projects, ApplianceKind.VMWARE)
    assert {at: now for at, now in after.items() if now not in {before[at], StepVerdict.UNKNOWN}} == {}


@examples(8)
@given(seed=st.integers(0, 10_000))
def test_what_fails_for_every_kind_fails_for_each(seed: int) -> None:
    snapshot = environment(SMALL, seed)
    world = World(snapshot, accounts(snapshot))
    whole = verdicts(snapshot, world.people, world.projects, None)
    for kind in ApplianceKind:
        narrow = verdicts(snapshot, world.people, world.projects, kind)
        assert {at for at, said in whole.items() if said is StepVerdict.NO_GO and narrow[at] is StepVerdict.GO} == set()
