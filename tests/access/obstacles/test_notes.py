"""Notes that never change the verdict: locks, states, providers, taken names, and unread lists."""

import pytest

from auditor.access.verdicts import AccessVerdict, NoteKind
from auditor.inventory.reads import Gap, Read
from tests.access.environments import (
    ADELE,
    ALEX,
    CONTRIBUTOR,
    OTHER_SUB,
    OWNER,
    READER,
    RG,
    SUB,
    VAULT,
    Row,
    assignment,
    eligibility,
    environment,
    gap,
    guid,
    scope,
    thing,
    user,
    vault,
)

READ, WRITE, DELETE, POST = (
    f"Microsoft.Migrate/migrateProjects/{verb}" for verb in ("read", "write", "delete", "go/action")
)
MAKE_VAULT = "Microsoft.KeyVault/vaults/write"
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


def deleted_vault(name: str = "kv-contoso", group: str = RG, purge: str = "2026-12-24T00:00:00Z") -> Row:
    identity = f"{SUB}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/{name}"
    former = f"{group}/providers/Microsoft.KeyVault/vaults/{name}"
    properties = {"vaultId": former, "scheduledPurgeDate": purge}
    return {"id": identity, "type": "Microsoft.KeyVault/deletedVaults", "name": name, "properties": properties}


CASES: dict[str, tuple[Row, str, NoteKind, bool]] = {
    "delete lock above": (lock("CanNotDelete", SUB), DELETE, NoteKind.LOCK, True),
    "delete lock here": (lock("CanNotDelete", RG), DELETE, NoteKind.LOCK, True),
    "delete lock elsewhere": (lock("CanNotDelete", OTHER_SUB), DELETE, NoteKind.LOCK, False),
    "delete lock and a change": (lock("CanNotDelete", RG), WRITE, NoteKind.LOCK, False),
    "delete lock and a post": (lock("CanNotDelete", RG), POST, NoteKind.LOCK, False),
    "delete lock and role assignments": (
        lock("CanNotDelete", RG),
        "Microsoft.Authorization/roleAssignments/delete",
        NoteKind.LOCK,
        True,
    ),
    "read-only lock and a deletion": (lock("ReadOnly", RG), DELETE, NoteKind.LOCK, True),
    "read-only lock and a change": (lock("readonly", RG), WRITE, NoteKind.LOCK, True),
    "read-only lock and a post": (lock("ReadOnly", RG), POST, NoteKind.LOCK, True),
    "read-only lock and a read": (lock("ReadOnly", RG), READ, NoteKind.LOCK, False),
    "read-only lock and a role assignment": (
        lock("ReadOnly", RG),
        "Microsoft.Authorization/roleAssignments/write",
        NoteKind.LOCK,
        True,
    ),
    "lock further down": (lock("ReadOnly", VAULT), WRITE, NoteKind.LOCK, False),
    **{
        f"subscription {state} and a change": (subscription(state), WRITE, NoteKind.SUBSCRIPTION, told)
        for state, told in (
            ("Enabled", False),
            ("Warned", False),
            ("PastDue", False),
            ("Disabled", True),
            ("Expired", True),
            ("Deleted", True),
        )
    },
    "subscription disabled and a post": (subscription("Disabled"), POST, NoteKind.SUBSCRIPTION, True),
    "subscription disabled and a read": (subscription("Disabled"), READ, NoteKind.SUBSCRIPTION, False),
    "subscription disabled and a deletion": (subscription("Disabled"), DELETE, NoteKind.SUBSCRIPTION, False),
    "subscription expired and a deletion": (subscription("Expired"), DELETE, NoteKind.SUBSCRIPTION, False),
    "subscription deleted and a read": (subscription("Deleted"), READ, NoteKind.SUBSCRIPTION, True),
    "provider unregistered and a change": (provider("NotRegistered"), WRITE, NoteKind.PROVIDER, True),
    "provider unregistered and a post": (provider("NotRegistered"), POST, NoteKind.PROVIDER, True),
    "provider unregistered and a read": (provider("NotRegistered"), READ, NoteKind.PROVIDER, False),
    "provider unregistered and to be registered": (
        provider("NotRegistered"),
        "Microsoft.Migrate/register/action",
        NoteKind.PROVIDER,
        False,
    ),
    "another provider unregistered": (provider("NotRegistered"), MAKE_VAULT, NoteKind.PROVIDER, False),
    "provider registered": (provider("Registered"), WRITE, NoteKind.PROVIDER, False),
    "provider of which nothing is told": ({**provider(""), "registrationState": None}, WRITE, NoteKind.PROVIDER, False),
    "policy and a change": (policy(SUB), WRITE, NoteKind.POLICY, True),
    "policy and a read": (policy(SUB), READ, NoteKind.POLICY, False),
    "name of a vault of this group": (deleted_vault(), MAKE_VAULT, NoteKind.TAKEN_NAME, True),
    "name of a vault of another group": (deleted_vault(group=RG + "2"), MAKE_VAULT, NoteKind.TAKEN_NAME, False),
    "name that is free again": (
        deleted_vault(purge="2026-11-23T10:00:00Z"),
        MAKE_VAULT,
        NoteKind.TAKEN_NAME,
        False,
    ),
    "name and something else": (deleted_vault(), WRITE, NoteKind.TAKEN_NAME, False),
}


@pytest.mark.parametrize(("row", "action", "kind", "told"), CASES.values(), ids=CASES)
def test_an_obstacle_becomes_a_note_and_changes_no_verdict(row: Row, action: str, kind: NoteKind, told: bool) -> None:
    found = environment(HELD, row).access().can(ADELE, action, scope(RG))
    assert found.verdict is AccessVerdict.ALLOW
    assert (kind in {note.kind for note in found.notes}) is told


def texts(kind: NoteKind, action: str, *rows: Row | Gap | Read, at: str = RG) -> list[str]:
    notes = environment(*rows).access().can(ADELE, action, scope(at)).notes
    return [note.text for note in notes if note.kind is kind]


def test_each_of_two_locks_becomes_a_note() -> None:
    world = environment(HELD, lock("CanNotDelete", SUB), {**lock("ReadOnly", RG), "name": "freeze"})
    notes = world.access().can(ADELE, DELETE, scope(RG)).notes
    assert {note.text.partition(" at ")[0] for note in notes if note.kind is NoteKind.LOCK} == {
        "lock `keep` (CanNotDelete)",
        "lock `freeze` (ReadOnly)",
    }


def test_a_name_is_taken_wherever_its_deleted_vault_was() -> None:
    elsewhere = deleted_vault("KV-Contoso", f"{OTHER_SUB}/resourceGroups/old")
    told = texts(NoteKind.TAKEN_NAME, MAKE_VAULT, HELD, elsewhere, at=VAULT)
    assert told == [
        "a soft-deleted key vault holds the name `KV-Contoso` until 2026-12-24: creating a vault with this name fails"
    ]
    assert texts(NoteKind.TAKEN_NAME, MAKE_VAULT, HELD, deleted_vault("other"), at=VAULT) == []


def test_an_existing_vault_already_has_its_name() -> None:
    assert texts(NoteKind.TAKEN_NAME, MAKE_VAULT, HELD, deleted_vault(), vault(), at=VAULT) == []


NAMES = [guid(f"owner {number}") for number in range(5)]

WHO: dict[str, tuple[list[Row | Gap], str]] = {
    "the account itself": ([HELD, assignment(ALEX, OWNER, SUB)], "the account may do so"),
    "another account": ([user(ALEX, displayName="Alex"), assignment(ALEX, CONTRIBUTOR, SUB)], "`Alex` may"),
    "who could activate a role": (
        [user(ALEX, displayName="Alex"), eligibility(ALEX, CONTRIBUTOR, SUB)],
        "`Alex` may after activating a role",
    ),
    "only with rights on the subscription": ([assignment(ALEX, OWNER, RG)], "nobody may"),
    "nobody": ([], "nobody may"),
    "a disabled account": (
        [user(ALEX, accountEnabled=False), assignment(ALEX, CONTRIBUTOR, SUB)],
        "nobody who can sign in may",
    ),
    "a guest who has not accepted": (
        [user(ALEX, externalUserState="PendingAcceptance"), assignment(ALEX, CONTRIBUTOR, SUB)],
        "nobody who can sign in may",
    ),
    "a service principal": (
        [thing("servicePrincipal", ALEX, displayName="Alex"), assignment(ALEX, CONTRIBUTOR, SUB)],
        "nobody who can sign in may",
    ),
    "some lists not read": (
        [gap("Microsoft.Authorization/roleAssignments", SUB)],
        "no known account may, but some lists were not read",
    ),
    "many": (
        [
            row
            for name in NAMES
            for row in (user(name, displayName=f"Owner {NAMES.index(name)}"), assignment(name, OWNER, SUB))
        ],
        "`Owner 0`, `Owner 1`, `Owner 2` and 2 more may",
    ),
}


@pytest.mark.parametrize(("rows", "who"), WHO.values(), ids=WHO)
def test_the_note_on_a_provider_says_who_could_register_it(rows: list[Row], who: str) -> None:
    reads = assignment(ADELE, READER, SUB)
    [text] = texts(NoteKind.PROVIDER, WRITE, provider("NotRegistered"), reads, *rows)
    assert text.startswith("provider `Microsoft.Migrate` is NotRegistered; it must be registered first, which needs")
    assert text.endswith(f"`Microsoft.Migrate/register/action` at `{SUB}`: {who}")


UNREAD: dict[str, tuple[str, str, str, str]] = {
    "locks": ("Microsoft.Authorization/locks", SUB, POST, "whether a lock blocks this"),
    "policies": ("Microsoft.Authorization/policyAssignments", SUB, WRITE, "whether a policy may refuse the request"),
    "subscription": ("Microsoft.Resources/subscriptions", "/", DELETE, "the state of the subscription"),
    "provider": ("Microsoft.Resources/providers", SUB, WRITE, "whether the resource provider is registered"),
    "deleted vaults": (
        "Microsoft.KeyVault/deletedVaults",
        SUB,
        MAKE_VAULT,
        "whether a soft-deleted vault holds the name",
    ),
}


@pytest.mark.parametrize(("what", "at", "action", "text"), UNREAD.values(), ids=UNREAD)
def test_an_unread_list_that_may_hide_an_obstacle_becomes_a_note(what: str, at: str, action: str, text: str) -> None:
    refused = texts(NoteKind.UNREAD, action, HELD, gap(what, at))
    assert refused == [f"{text} was not read ({what}: AuthorizationFailed)"]
    assert texts(NoteKind.UNREAD, action, HELD) == []
    assert texts(NoteKind.UNREAD, READ, HELD, gap(what, at)) == []


def test_so_does_a_list_that_was_never_requested() -> None:
    told = texts(NoteKind.UNREAD, WRITE, HELD, subscription("Enabled"), provider("Registered"), Read("x/y", SUB))
    assert told == [
        "whether a lock blocks this was not read (Microsoft.Authorization/locks: NotRead)",
        "whether a policy may refuse the request was not read (Microsoft.Authorization/policyAssignments: NotRead)",
    ]
