"""The law that no fix prints a command whose effect is in place already.

It holds for the failing findings of a scan and for the steps of a preflight that are no-go or unknown. Each
environment is tried as it is and after the printed commands were carried out, all of them or some: what did not help
is not printed again.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Fix, Verdict
from auditor.audit.preflight.report import StepVerdict, preflight
from auditor.audit.rules.book import Rule, load_rules
from auditor.data import fixtures_dir, rules_dir
from auditor.facts.estate.environment import Context
from auditor.facts.preflight.plan import RegistrationPlan
from auditor.facts.subjects.every import subjects
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.directory import User
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import Size, accounts, environment
from tests.cases import situations
from tests.cases.fabrikam import Environment
from tests.cases.test_cures import CURED
from tests.properties.cures import Command, Picture, after, carry_out, is_in_place, parsed
from tests.properties.test_every_step_agrees import changed_environment
from tests.sampling import examples, sampled

pytestmark = pytest.mark.untraced

ROUNDS = 3
"""How often the printed commands are carried out, one round after the other."""


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(load_rules(rules_dir()))


def fixes(snapshot: Snapshot, people: Sequence[str]) -> Iterator[tuple[str, Fix]]:
    """Yield each fix of failing findings and of steps that are not go, with the place where it stands."""
    inventory = Inventory.of(snapshot)
    context = Context(inventory, Access.of(inventory))
    for finding in evaluate(rules(), subjects(inventory, context.access, accounts=people)):
        if finding.verdict is Verdict.FAIL:
            yield from ((f"{finding.rule} of {finding.subject.id}", fix) for fix in finding.fixes)
    for account in people:
        for project in context.estate.projects.values():
            yield from steps_of(context, project.arm_id, account)


def steps_of(context: Context, project: ArmId, account: str) -> Iterator[tuple[str, Fix]]:
    plan = RegistrationPlan(
        project=project, account=account, discovery_account=account, kind=None, target=project.resource_group_id
    )
    for step in preflight(context, plan).steps:
        if step.verdict is not StepVerdict.GO:
            yield from ((f"{step.id} of {account} with {project}", fix) for fix in step.fixes)


def printed(snapshot: Snapshot, people: Sequence[str]) -> dict[str, list[tuple[str, Command]]]:
    """Return the commands of every fix by their text, each with the places where it stands."""
    found: dict[str, list[tuple[str, Command]]] = {}
    for place, fix in fixes(snapshot, people):
        if fix.az is not None and fix.az.startswith("az "):
            found.setdefault(fix.az, []).extend((f"{place}: {fix.title}", one) for one in parsed(fix.az))
    return found


def in_place(snapshot: Snapshot, commands: dict[str, list[tuple[str, Command]]]) -> list[str]:
    """Return the commands whose effect is in place already, each with the places where it stands."""
    picture = Picture(snapshot)
    return sorted(
        {
            f"{place} prints `{text}`"
            for text, each in commands.items()
            for place, command in each
            if is_in_place(picture, command)
        }
    )


def repeated(snapshot: Snapshot, people: Sequence[str], chosen: Callable[[str], bool] = lambda _: True) -> list[str]:
    """Return what is in place and printed, in the environment and after each round of carrying out the `chosen`."""
    for _ in range(ROUNDS):
        commands = printed(snapshot, people)
        if found := in_place(snapshot, commands):
            return found
        snapshot = after(snapshot, [one for text, each in commands.items() if chosen(text) for _, one in each])
    return in_place(snapshot, printed(snapshot, people))


def everybody(snapshot: Snapshot) -> list[str]:
    return [one.id for one in Inventory.of(snapshot).objects(User)]


@pytest.mark.parametrize("name", ["contoso", "contoso-gov", "fabrikam", "tailspin"])
def test_in_an_embedded_environment(name: str) -> None:
    snapshot = load(fixtures_dir() / f"{name}.yaml")
    assert repeated(snapshot, everybody(snapshot)[:5]) == []


SITUATIONS: dict[str, Callable[[], Environment]] = {
    **{
        name: made
        for name, made in vars(situations).items()
        if getattr(made, "__module__", "") == situations.__name__ and not name.startswith("_")
    },
    **{made.__name__: made for made, _, _ in CURED},
}


@sampled("situation", SITUATIONS, one_in=4)
def test_in_a_situation_from_the_field(situation: Callable[[], Environment], tmp_path: Path) -> None:
    snapshot = load(situation().save(tmp_path, "situation"))
    assert repeated(snapshot, everybody(snapshot)) == []


@examples(4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data(), seed=st.integers(0, 10_000), unread=st.sampled_from([0.0, 0.1, 0.3]))
def test_in_changed_generated_environments(data: st.DataObject, seed: int, unread: float) -> None:
    made = environment(Size(accounts=3, projects=1.0, unread=unread), seed)
    snapshot = with_roles(seed, changed_environment(data, made), accounts(made))
    some = data.draw(st.sets(st.integers(0, 3), min_size=1))
    assert repeated(snapshot, accounts(made), lambda text: hash_of(text) % 4 in some) == []


def hash_of(text: str) -> int:
    """Return a number that is the same for equal texts in every run."""
    return sum(text.encode())


ROLES = (
    "Azure Migrate Decide and Plan Expert",
    "Azure Migrate Execute Expert",
    "Key Vault Administrator",
    "Contributor",
    "Owner",
    "Reader",
)
REFUSED = ("*", "Microsoft.KeyVault/*", "Microsoft.OffAzure/*", "Microsoft.Authorization/*", "Microsoft.Migrate/*")
OTHER_TENANT = "0ff00000-0000-4000-8000-000000000000"


def with_roles(seed: int, made: Snapshot, people: Sequence[str]) -> Snapshot:
    """Return the environment where accounts hold roles, some of no use: denied, or in a vault of another tenant."""
    drawn, picture = random.Random(seed), Picture(made)
    groups = [identity for identity in picture.arm if "/resourcegroups/" in identity and "/providers/" not in identity]
    vaults = [identity for identity, _ in picture.of_type("Microsoft.KeyVault/vaults")]
    own = [body["id"] for body in picture.graph.values() if body["@odata.type"].endswith(".servicePrincipal")]
    for number, account in enumerate([*people, *own]):
        for _ in range(drawn.randrange(6)):
            role, scope = drawn.choice(ROLES), drawn.choice([*groups, *vaults])
            options = {"--role": [role], "--assignee-object-id": [account], "--scope": [scope]}
            carry_out(picture, Command(("role", "assignment", "create"), options))
        if drawn.random() < 0.5:
            scope = drawn.choice([*groups, *vaults])
            body = denying(scope, number, account, drawn.choice(REFUSED))
            picture.arm[str(body["id"]).lower()] = body
    for vault in vaults:
        properties = picture.arm[vault]["properties"]
        properties["enableRbacAuthorization"] = drawn.random() < 0.5
        properties["tenantId"] = drawn.choice([properties["tenantId"], OTHER_TENANT])
    for identity, body in picture.arm.items():
        if "registrationState" in body and identity.count("/") == 4 and drawn.random() < 0.2:
            body["registrationState"] = drawn.choice(["NotRegistered", "Registering", "Unregistering"])
    return picture.changed()


def denying(scope: str, number: int, account: str, refused: str) -> dict[str, object]:
    """Return a deny assignment for one account."""
    kind = "Microsoft.Authorization/denyAssignments"
    name = f"de000000-0000-4000-8000-{number:012}"
    properties = {
        "denyAssignmentName": f"deny{number}",
        "permissions": [{"actions": [refused], "notActions": [], "dataActions": [refused], "notDataActions": []}],
        "scope": scope,
        "doNotApplyToChildScopes": False,
        "principals": [{"id": account, "type": "User"}],
        "excludePrincipals": [],
        "isSystemProtected": False,
    }
    return {"id": f"{scope}/providers/{kind}/{name}", "type": kind, "name": name, "properties": properties}
