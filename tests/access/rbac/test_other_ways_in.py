"""Lighthouse, classic administrators and escalation paths: granted as documented, or reported as notes."""

import pytest

from auditor.access.verdicts import AccessVerdict, NoteKind, Plane, ReasonKind
from auditor.inventory.snapshot.records import Link
from tests.access.environments import (
    ADELE,
    APP,
    CONTRIBUTOR,
    OTHER_SUB,
    OWNER,
    RG,
    SUB,
    Environment,
    Row,
    assignment,
    definition,
    delegation,
    environment,
    gap,
    guid,
    scope,
    thing,
    user,
)

WRITE = "Microsoft.Migrate/migrateProjects/write"
ASSIGN = "Microsoft.Authorization/roleAssignments/write"
LIGHTHOUSE = "Microsoft.ManagedServices/registrationAssignments"
PARTNER = {"principalId": ADELE, "roleDefinitionId": CONTRIBUTOR}
ACCESS_ADMIN = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"


def told(world: Environment, kind: NoteKind, action: str = WRITE) -> list[str]:
    return [note.text for note in world.access().can(ADELE, action, scope(RG)).notes if note.kind is kind]


@pytest.mark.parametrize(
    ("row", "at", "expected"),
    [
        (delegation(SUB, PARTNER), RG, AccessVerdict.ALLOW),
        (delegation(RG, PARTNER), RG, AccessVerdict.ALLOW),
        (delegation(RG, PARTNER), SUB, AccessVerdict.DENY),
        (delegation(SUB, PARTNER), OTHER_SUB, AccessVerdict.DENY),
        (delegation(SUB, eligible=[PARTNER]), RG, AccessVerdict.ELIGIBLE),
        (delegation(SUB, {**PARTNER, "principalId": guid("someone else")}), RG, AccessVerdict.DENY),
    ],
)
def test_lighthouse_grants_at_its_scope(row: Row, at: str, expected: AccessVerdict) -> None:
    found = environment(row).access().can(ADELE, WRITE, scope(at))
    assert found.verdict is expected
    if expected is not AccessVerdict.DENY:
        assert found.because[0].kind is ReasonKind.DELEGATION


def test_a_lighthouse_definition_may_be_a_record_of_its_own() -> None:
    definition_id = f"{SUB}/providers/Microsoft.ManagedServices/registrationDefinitions/{guid('offer')}"
    kind = "Microsoft.ManagedServices/registrationDefinitions"
    offer = {"id": definition_id, "type": kind, "properties": {"authorizations": [PARTNER]}}
    row = delegation(SUB)
    row["properties"] = {"registrationDefinitionId": definition_id.upper()}
    assert environment(row, offer).access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.ALLOW
    assert environment(row).access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.DENY


def test_a_delegated_access_administrator_may_only_assign_listed_roles() -> None:
    limited = {"principalId": ADELE, "roleDefinitionId": ACCESS_ADMIN, "delegatedRoleDefinitionIds": [CONTRIBUTOR]}
    assert (
        environment(delegation(SUB, limited)).access().can(ADELE, ASSIGN, scope(SUB)).verdict
        is AccessVerdict.CONDITIONAL
    )


def test_a_refused_or_malformed_registration_leaves_a_negative_open() -> None:
    assert environment(gap(LIGHTHOUSE, SUB)).access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.UNKNOWN
    assert environment(gap(LIGHTHOUSE, SUB)).access().can(ADELE, WRITE, scope(OTHER_SUB)).verdict is AccessVerdict.DENY
    broken = delegation(SUB)
    broken["properties"]["registrationDefinition"]["properties"]["authorizations"] = "none"
    assert environment(broken).access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.UNKNOWN


def test_classic_administrators_are_a_note_and_have_no_access() -> None:
    classic = {
        "id": f"{SUB}/providers/Microsoft.Authorization/classicAdministrators/one",
        "type": "Microsoft.Authorization/classicAdministrators",
        "properties": {"emailAddress": "Adele@contoso.com", "role": "ServiceAdministrator"},
    }
    world = environment(classic, user(ADELE, mail="adele@contoso.com"))
    assert world.access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.DENY
    assert len(told(world, NoteKind.CLASSIC_ADMINISTRATOR)) == 1


def test_a_global_administrator_has_no_azure_access_but_an_escalation_path() -> None:
    world = environment(Link("directoryRole", ADELE, "62e90394-69f5-4237-9190-012177145e10"))
    assert world.access().can(ADELE, WRITE, scope(SUB)).verdict is AccessVerdict.DENY
    assert any("elevate" in text for text in told(world, NoteKind.ESCALATION))


def test_an_elevated_administrator_is_a_holder_at_the_root() -> None:
    world = environment(assignment(ADELE, ACCESS_ADMIN, "/"))
    assert world.access().can(ADELE, ASSIGN, scope(SUB)).verdict is AccessVerdict.ALLOW


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([assignment(ADELE, ACCESS_ADMIN, SUB)], "assign itself any role"),
        ([assignment(ADELE, "fd8ea4d5-6509-4db0-bada-356ab233b4fa", SUB)], "under a condition"),
        (
            [
                definition("definer", {"actions": ["Microsoft.Authorization/roleDefinitions/*"]}),
                assignment(ADELE, "definer", SUB),
            ],
            "add permissions to any custom role",
        ),
        (
            [
                definition(
                    "runner",
                    {
                        "actions": [
                            "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
                            "Microsoft.Compute/virtualMachines/write",
                        ]
                    },
                ),
                assignment(ADELE, "runner", SUB),
            ],
            "managed identity",
        ),
        (
            [
                thing("application", guid("registration"), appId=guid("client"), displayName="deployer"),
                thing("servicePrincipal", APP, appId=guid("client")),
                Link("owner", guid("registration"), ADELE),
                assignment(APP, OWNER, SUB),
            ],
            "owns the application `deployer`",
        ),
        ([Link("directoryRole", ADELE, "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3")], "act as any application"),
        ([Link("directoryRole", ADELE, "e8611ab8-c189-46e8-94e1-60213ab1f814")], "give itself any directory role"),
        *[
            ([Link("directoryRole", ADELE, role)], "add itself to groups")
            for role in (
                "fdd7a751-b60b-444a-984c-02652fe8fa1c",
                "9360feb5-f418-4baa-8175-e2a00bac4301",
                "fe930be7-5e62-47db-91af-98c3a49a38b1",
            )
        ],
        (
            [Link("directoryRole", ADELE, "7be44c8a-adaf-4e2a-84d6-ab2649e08a13")],
            "reset the sign-in methods of any account",
        ),
        (
            [
                thing(
                    "unifiedRoleEligibilityScheduleInstance",
                    "one",
                    principalId=ADELE,
                    roleDefinitionId="62e90394-69f5-4237-9190-012177145e10",
                    directoryScopeId="/",
                )
            ],
            "elevate itself to User Access Administrator at the root, once the role is activated",
        ),
        (
            [
                thing("servicePrincipal", APP, appId=guid("client"), displayName="deployer"),
                Link("owner", APP, ADELE),
                assignment(APP, OWNER, SUB),
            ],
            "owns the application `deployer`",
        ),
    ],
)
def test_escalation_paths_are_notes_and_no_access(rows: list[Row], text: str) -> None:
    world = environment(*rows)
    action = "Microsoft.Billing/things/write"
    assert world.access().can(ADELE, action, scope(RG)).verdict is AccessVerdict.DENY
    assert any(text in item for item in told(world, NoteKind.ESCALATION, action))


def test_a_directory_role_over_a_part_of_the_directory_is_no_escalation_path() -> None:
    world = environment(
        Link("directoryRole", ADELE, "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "/administrativeUnits/one")
    )
    assert told(world, NoteKind.ESCALATION) == []


def test_an_allowed_account_has_no_escalation_notes() -> None:
    assert told(environment(assignment(ADELE, OWNER, SUB)), NoteKind.ESCALATION) == []


def test_data_actions_have_no_control_notes() -> None:
    world = environment(assignment(ADELE, OWNER, SUB))
    notes = world.access().can(ADELE, "Microsoft.Storage/a/b/read", scope(SUB), Plane.DATA).notes
    assert {note.kind for note in notes} <= {NoteKind.ACCOUNT, NoteKind.ESCALATION}
