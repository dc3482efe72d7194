import pytest

from auditor.access.verdicts import NoteKind, Verdict
from tests.access.environments import ADELE, OTHER_SUB, OWNER, RG, SUB, VAULT, Row, assignment, environment, scope

READ, WRITE, DELETE, POST = (
    f"Microsoft.Migrate/migrateProjects/{verb}" for verb in ("read", "write", "delete", "go/action")
)
HELD = assignment(ADELE, OWNER, SUB)


def lock(level: str, at: str) -> Row:
    identity = f"{at}/providers/Microsoft.Authorization/locks/keep"
    return {"id": identity, "type": "Microsoft.Authorization/locks", "name": "keep", "properties": {"level": level}}


def subscription(state: str) -> Row:
    return {"id": SUB, "type": "Microsoft.Resources/subscriptions", "state": state}


def provider(state: str) -> Row:
    identity = f"{SUB}/providers/Microsoft.Migrate"
    kind = "Microsoft.Resources/providers"
    return {"id": identity, "type": kind, "namespace": "Microsoft.Migrate", "registrationState": state}


def policy(at: str, **properties: object) -> Row:
    identity = f"{at}/providers/Microsoft.Authorization/policyAssignments/one"
    kind = "Microsoft.Authorization/policyAssignments"
    return {"id": identity, "type": kind, "properties": {"displayName": "tags", "scope": at, **properties}}


@pytest.mark.parametrize(
    ("row", "action", "kind", "told"),
    [
        (lock("CanNotDelete", SUB), DELETE, NoteKind.LOCK, True),
        (lock("CanNotDelete", RG), DELETE, NoteKind.LOCK, True),
        (lock("CanNotDelete", OTHER_SUB), DELETE, NoteKind.LOCK, False),
        (lock("CanNotDelete", RG), WRITE, NoteKind.LOCK, False),
        (lock("ReadOnly", RG), DELETE, NoteKind.LOCK, True),
        (lock("readonly", RG), WRITE, NoteKind.LOCK, True),
        (lock("ReadOnly", RG), POST, NoteKind.LOCK, True),
        (lock("ReadOnly", RG), READ, NoteKind.LOCK, False),
        (lock("ReadOnly", VAULT), WRITE, NoteKind.LOCK, False),
        *[(subscription(state), WRITE, NoteKind.SUBSCRIPTION, False) for state in ("Enabled", "Warned", "PastDue")],
        *[(subscription(state), WRITE, NoteKind.SUBSCRIPTION, True) for state in ("Disabled", "Expired", "Deleted")],
        (subscription("Disabled"), POST, NoteKind.SUBSCRIPTION, True),
        (subscription("Disabled"), READ, NoteKind.SUBSCRIPTION, False),
        (subscription("Disabled"), DELETE, NoteKind.SUBSCRIPTION, False),
        (subscription("Deleted"), READ, NoteKind.SUBSCRIPTION, True),
        (provider("NotRegistered"), WRITE, NoteKind.PROVIDER, True),
        (provider("NotRegistered"), READ, NoteKind.PROVIDER, False),
        (provider("NotRegistered"), "Microsoft.Migrate/register/action", NoteKind.PROVIDER, False),
        (provider("Registered"), WRITE, NoteKind.PROVIDER, False),
        (policy(SUB), WRITE, NoteKind.POLICY, True),
        (policy(SUB), READ, NoteKind.POLICY, False),
    ],
)
def test_what_stands_beside_the_answer(row: Row, action: str, kind: NoteKind, told: bool) -> None:
    found = environment(HELD, row).access().can(ADELE, action, scope(RG))
    assert found.verdict is Verdict.ALLOW
    assert (kind in {note.kind for note in found.notes}) is told
