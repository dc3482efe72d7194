"""The law that no step of a preflight contradicts a scan of its account, its project and the obstacles there.

For each step alone, for every account of the directory and every project:

- where a finding of `RULES` fails, the steps listed with it are `no-go`, unless they are already done;
- where a finding of `DOUBTS` fails, the steps listed with it are not `go`;
- where a step is `go` and not done, none of these findings fails or is unknown;
- where a step is `no-go`, a part of it fails, and if a rule judges that part, its finding fails too;
- where registering is `no-go` with an error, a finding of that error fails or is unknown.
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
from auditor.facts.rights.vault_access import project_vaults
from auditor.facts.schema import SubjectKind
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
    "deletion-in-the-way": EVERY,
    "account-disabled": EVERY,
    "guest-invitation-pending": EVERY,
    "account-cannot-register": ("register",),
    "deny-assignment-in-the-way": ("register",),
    "role-only-eligible": ("register",),
    "vault-access-missing": ("register",),
    "may-not-create-applications": ("register",),
    "not-application-owner": ("start-discovery",),
}
"""The rules about the needs of steps, each with the steps that are `no-go` where it fails."""

ON_VAULTS: dict[str, tuple[str, ...]] = {
    "vault-missing": ("register",),
    "vault-unreachable": ("register",),
    "vault-locked": ("register",),
}
"""The same for rules about the vaults of a project."""

DOUBTS: dict[str, tuple[str, ...]] = {
    "policy-in-the-way": ("generate-key",),
    "private-endpoint-not-working": ("replicate",),
    "vault-access-not-complete": ("register",),
    "vault-network-closed": ("register",),
}
"""The rules of which it is not known whether they keep a step from success, each with the steps that are not `go`."""

JUDGED: dict[Part, tuple[str, ...]] = {
    Part.PROJECT: ("project-missing", "project-not-ready"),
    Part.ACCOUNT: ("account-disabled", "guest-invitation-pending"),
}
"""The parts that fail only where one of these rules fails, in every step inside the project."""


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in load_rules(rules_dir()) if rule.subject in JUDGED_KINDS)


JUDGED_KINDS = frozenset({SubjectKind.REGISTRATION, SubjectKind.PROJECT, SubjectKind.ACCOUNT, SubjectKind.VAULT})


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
    vaults = {str(vault).lower() for vault in project_vaults(context, project)}
    ids = {account.lower(), str(project).lower(), f"{account}@{project}".lower(), *vaults}
    own: dict[str, Verdict] = {}
    for (rule, id_), finding in findings.items():
        if id_ in ids and own.get(rule) is not Verdict.FAIL:
            own[rule] = finding.verdict if rule not in own or finding.verdict is not Verdict.PASS else own[rule]
    for step in steps().values():
        plan = RegistrationPlan(
            project=project,
            account=account,
            discovery_account=account,
            kind=None,
            target=project.resource_group_id,
            steps=(step.id,),
        )
        yield from contradictions(check_step(context, plan, step), own)


def contradictions(check: StepCheck, own: dict[str, Verdict]) -> Iterator[str]:
    step, verdict = check.step.id, verdict_of(check)
    relevant = {rule: own[rule] for rule, judged in (RULES | ON_VAULTS).items() if step in judged and rule in own}
    doubts = {rule: own[rule] for rule, judged in DOUBTS.items() if step in judged and rule in own}
    if check.is_done:
        return
    failing = {rule for rule, said in relevant.items() if said is Verdict.FAIL}
    if failing and verdict is not StepVerdict.NO_GO:
        yield f"{step} is {verdict.value}, but {sorted(failing)} fail"
    doubtful = {rule for rule, said in doubts.items() if said is Verdict.FAIL}
    if doubtful and verdict is StepVerdict.GO:
        yield f"{step} goes, but {sorted(doubtful)} fail"
    unknown = {rule for rule, said in (relevant | doubts).items() if said is Verdict.UNKNOWN}
    if unknown and verdict is StepVerdict.GO:
        yield f"{step} goes, but {sorted(unknown)} are unknown"
    if verdict is StepVerdict.NO_GO and not any(check.failing(part) for part in Part):
        yield f"{step} does not go, but nothing is out of order"
    if step == "register" and verdict is StepVerdict.NO_GO:
        yield from _unheard(check, own)
    if step in IN_THE_PROJECT:
        for part, rules_ in JUDGED.items():
            if check.failing(part) and not failing & set(rules_):
                yield f"the {part.value} of {step} is out of order, but none of {rules_} fails"
        yield from _unfounded(check, own)


def _unheard(check: StepCheck, own: dict[str, Verdict]) -> Iterator[str]:
    """Yield the errors of a step if no finding that fails or is unknown has one of them.

    The scan says nothing about the rights of an account that is not the one which registers.
    """
    if own.get("vault-access-missing") is Verdict.NOT_APPLICABLE:
        return
    explained = {error for rule in rules() if own.get(rule.id) in _SAYING for error in rule.errors}
    if check.errors and not set(check.errors) & explained:
        yield f"{check.step.id} ends with {list(check.errors)}, but no finding of it fails"


_SAYING = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


def _unfounded(check: StepCheck, own: dict[str, Verdict]) -> Iterator[str]:
    """Yield the blocking obstacles of an existing project for which no finding fails."""
    if own.get("project-not-ready") is Verdict.NOT_APPLICABLE:
        return
    for kind, rules_ in _OF_KIND.items():
        blocks = any(it.kind == kind and it.effect is ObstacleEffect.BLOCKS for it in check.obstacles)
        if blocks and not any(own.get(rule) is Verdict.FAIL for rule in rules_):
            yield f"{check.step.id} is blocked by a {kind}, but none of {rules_} fails"


_OF_KIND = {
    "subscription": ("subscription-not-enabled",),
    "lock": ("lock-in-the-way",),
    "beingDeleted": ("deletion-in-the-way", "vault-missing"),
}


@pytest.mark.parametrize("name", ["contoso", "contoso-gov", "fabrikam", "tailspin"])
def test_in_an_embedded_environment(name: str) -> None:
    snapshot = load(fixtures_dir() / f"{name}.yaml")
    people = [user.id for user in Inventory.of(snapshot).objects(User)]
    assert disagreements(snapshot, people) == []


STATES = st.sampled_from(["Enabled", "Warned", "PastDue", "Disabled", "Expired", "Deleted", "Unheard"])


@examples(15)
@given(data=st.data(), seed=st.integers(0, 10_000), unread=st.sampled_from([0.0, 0.1, 0.3]))
def test_in_changed_generated_environments(data: st.DataObject, seed: int, unread: float) -> None:
    """Adds what the generator itself does not make.

    These are subscriptions in every state, locks, policies, networks of vaults, private endpoints, and disabled
    accounts.
    """
    made = environment(Size(accounts=3, projects=1.0, unread=unread), seed)
    assert disagreements(changed_environment(data, made), accounts(made)) == []


def changed_environment(data: st.DataObject, made: Snapshot) -> Snapshot:
    arm = [shaken(data, record) for record in made.arm]
    groups = [one.id for one in made.arm if one.type == "Microsoft.Resources/resourceGroups"]
    arm += [lock(group) for group in groups if data.draw(st.booleans())]
    arm += [refusing(group, data.draw(TAGS)) for group in groups if data.draw(st.booleans())]
    projects = [one.id for one in made.arm if one.type.lower() == "microsoft.migrate/migrateprojects"]
    arm += [endpoint(project, data.draw(ENDPOINTS)) for project in projects if data.draw(st.booleans())]
    graph = [disabled(data, record) for record in made.graph]
    return Snapshot.of(
        made.header, arm=arm, graph=graph, links=made.links, events=made.events, reads=made.reads, gaps=made.gaps
    )


TAGS = st.sampled_from(["Migrate Project", "costcenter"])
RULES_OF_ADDRESSES = [{"value": "203.0.113.0/24"}]
NETWORKS = st.fixed_dictionaries(
    {},
    optional={
        "publicNetworkAccess": st.sampled_from(["Enabled", "Disabled", "SecuredByPerimeter", "unheard"]),
        "networkAcls": st.fixed_dictionaries(
            {"defaultAction": st.sampled_from(["Deny", "Allow"])},
            optional={
                "ipRules": st.sampled_from([[], RULES_OF_ADDRESSES, [{"value": "odd"}], "odd"]),
                "virtualNetworkRules": st.sampled_from([[], [{"id": "/subscriptions/s/subnets/one"}]]),
            },
        ),
        "privateEndpointConnections": st.sampled_from(["Approved", "Pending", "odd"]).map(
            lambda status: [{"properties": {"privateLinkServiceConnectionState": {"status": status}}}]
        ),
    },
)


ENDPOINTS = st.fixed_dictionaries(
    {
        "made": st.sampled_from(["Succeeded", "Failed"]),
        "status": st.sampled_from(["Approved", "Pending", "Rejected", "unheard", None]),
    }
)


def endpoint(project: str, states: dict[str, str | None]) -> ArmRecord:
    """Return a private endpoint that leads to the project."""
    kind = "Microsoft.Network/privateEndpoints"
    group = project.partition("/providers/")[0]
    state = {"privateLinkServiceConnectionState": {"status": states["status"]}} if states["status"] else {}
    link = {"name": "pe", "properties": {"privateLinkServiceId": project, **state}}
    properties = {"provisioningState": states["made"], "privateLinkServiceConnections": [link]}
    name = f"{project.rpartition('/')[2]}pe"
    return arm_record({"id": f"{group}/providers/{kind}/{name}", "type": kind, "name": name, "properties": properties})


def refusing(group: str, tag: str) -> ArmRecord:
    """Return the assignment of the policy that requires a tag."""
    kind = "Microsoft.Authorization/policyAssignments"
    definition = "/providers/Microsoft.Authorization/policyDefinitions/871b6d14-10aa-478d-b590-94f262ecfa99"
    properties = {"policyDefinitionId": definition, "scope": group, "parameters": {"tagName": {"value": tag}}}
    return arm_record({"id": f"{group}/providers/{kind}/tags", "type": kind, "name": "tags", "properties": properties})


def shaken(data: st.DataObject, record: ArmRecord) -> ArmRecord:
    if record.type.lower() == "microsoft.keyvault/vaults":
        body = json.loads(record.body)
        state = {"provisioningState": data.draw(PROVISIONING)}
        return arm_record(body | {"properties": {**body["properties"], **state, **data.draw(NETWORKS)}})
    if record.type.lower() in {"microsoft.resources/resourcegroups", "microsoft.migrate/migrateprojects"}:
        return in_state(record, data.draw(PROVISIONING))
    if record.type != "Microsoft.Resources/subscriptions":
        return record
    return arm_record(json.loads(record.body) | {"state": data.draw(STATES)})


PROVISIONING = st.sampled_from(["Succeeded"] * 6 + ["Deleting", "Deleted", "Failed", "Accepted", "SoftDeletePending"])


def in_state(record: ArmRecord, state: str) -> ArmRecord:
    """Return the resource in another provisioning state, if it shows one."""
    body = json.loads(record.body)
    if not isinstance(body.get("properties"), dict):
        return record
    return arm_record(body | {"properties": {**body["properties"], "provisioningState": state}})


def disabled(data: st.DataObject, record: GraphRecord) -> GraphRecord:
    if record.deleted or not record.odata_type.endswith(".user") or data.draw(st.booleans()):
        return record
    return graph_record(json.loads(record.body) | {"accountEnabled": False})


def lock(group: str) -> ArmRecord:
    identity = f"{group}/providers/Microsoft.Authorization/locks/frozen"
    kind = "Microsoft.Authorization/locks"
    return arm_record({"id": identity, "type": kind, "name": "frozen", "properties": {"level": "ReadOnly"}})
