import pytest

from auditor.access.verdicts import AccessVerdict, NoteKind, Plane, ReasonKind
from tests.access.environments import (
    ADELE,
    ALEX,
    CONTRIBUTOR,
    OWNER,
    RG,
    SUB,
    TEAM,
    TENANT,
    VAULT,
    Environment,
    Row,
    assignment,
    environment,
    gap,
    guid,
    member,
    policy,
    scope,
    thing,
    vault,
)

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
GET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"


def verdict(world: Environment, action: str = GET, at: str = VAULT, plane: Plane = Plane.DATA) -> AccessVerdict:
    return world.access().can(ADELE, action, scope(at), plane).verdict


def policies(*entries: Row) -> Row:
    return vault(enableRbacAuthorization=False, accessPolicies=list(entries))


@pytest.mark.parametrize(
    ("properties", "by_role", "by_policy"),
    [
        ({"enableRbacAuthorization": True}, AccessVerdict.ALLOW, AccessVerdict.DENY),
        ({"enableRbacAuthorization": False}, AccessVerdict.DENY, AccessVerdict.ALLOW),
        ({"enableRbacAuthorization": None}, AccessVerdict.DENY, AccessVerdict.ALLOW),
        ({}, AccessVerdict.DENY, AccessVerdict.ALLOW),
    ],
)
def test_the_vaults_model_decides(properties: Row, by_role: AccessVerdict, by_policy: AccessVerdict) -> None:
    role, entry = assignment(ADELE, SECRETS_USER, SUB), policy(ADELE, secrets=["get"])
    assert verdict(environment(vault(**properties, accessPolicies=[]), role)) is by_role
    assert verdict(environment(vault(**properties, accessPolicies=[entry]))) is by_policy


@pytest.mark.parametrize("properties", [{}, {"publicNetworkAccess": "Enabled"}])
def test_a_vault_without_anything_of_its_contents_is_unknown(properties: Row) -> None:
    bare = {**vault(), "properties": properties}
    assert verdict(environment(bare, assignment(ADELE, SECRETS_USER, SUB))) is AccessVerdict.UNKNOWN


OTHER_TENANT = guid("other-tenant")


@pytest.mark.parametrize("by_roles", [True, False, None])
def test_a_vault_of_another_tenant_refuses_every_account_of_this_one(by_roles: bool | None) -> None:
    everything = policy(ADELE, secrets=["all"])
    held = vault(tenantId=OTHER_TENANT.upper(), enableRbacAuthorization=by_roles, accessPolicies=[everything])
    world = environment(held, assignment(ADELE, SECRETS_USER, SUB))
    found = world.access().can(ADELE, GET, scope(VAULT), Plane.DATA)
    assert (found.verdict, [reason.kind for reason in found.because]) == (
        AccessVerdict.DENY,
        [ReasonKind.VAULT_TENANT],
    )
    assert world.access().who_can(GET, scope(VAULT), Plane.DATA).holders == ()
    world.gaps.append(gap("Microsoft.Authorization/denyAssignments", SUB))
    assert world.access().can(ADELE, GET, scope(VAULT), Plane.DATA).verdict is AccessVerdict.DENY


def test_the_tenant_of_a_vault_says_nothing_about_its_management() -> None:
    world = environment(vault(tenantId=OTHER_TENANT), assignment(ADELE, OWNER, SUB))
    assert verdict(world, "Microsoft.KeyVault/vaults/write", plane=Plane.CONTROL) is AccessVerdict.ALLOW


@pytest.mark.parametrize(
    ("tenant", "gives"),
    [
        ({"tenantId": OTHER_TENANT}, AccessVerdict.DENY),
        ({"tenantId": TENANT.upper()}, AccessVerdict.ALLOW),
        ({"tenantId": None}, AccessVerdict.ALLOW),
    ],
)
def test_an_access_policy_of_another_tenant_gives_nothing(tenant: Row, gives: AccessVerdict) -> None:
    assert verdict(environment(policies({**policy(ADELE, secrets=["get"]), **tenant}))) is gives


def test_a_vault_without_the_flag_and_its_policies_is_unknown() -> None:
    found = environment(vault()).access().can(ADELE, GET, scope(VAULT), Plane.DATA)
    assert (found.verdict, found.gaps[0].code) == (AccessVerdict.UNKNOWN, "NotHeld")


def test_a_vault_that_was_not_read_is_unknown() -> None:
    world = environment(assignment(ADELE, SECRETS_USER, SUB))
    found = world.access().can(ADELE, GET, scope(VAULT), Plane.DATA)
    assert (found.verdict, found.gaps[0].what) == (AccessVerdict.UNKNOWN, "Microsoft.KeyVault/vaults")
    world.gaps.append(gap("Microsoft.KeyVault/vaults", SUB))
    assert world.access().can(ADELE, GET, scope(VAULT), Plane.DATA).gaps == tuple(world.gaps)


def test_a_role_may_be_assigned_above_the_vault_or_on_a_single_secret() -> None:
    rbac = vault(enableRbacAuthorization=True)
    one = VAULT + "/secrets/one"
    assert verdict(environment(rbac, assignment(ADELE, SECRETS_USER, RG)), at=one) is AccessVerdict.ALLOW
    assert verdict(environment(rbac, assignment(ADELE, SECRETS_USER, one)), at=one) is AccessVerdict.ALLOW
    assert verdict(environment(rbac, assignment(ADELE, SECRETS_USER, one))) is AccessVerdict.DENY


def test_control_rights_are_not_data_rights() -> None:
    assert (
        verdict(environment(vault(enableRbacAuthorization=True), assignment(ADELE, OWNER, SUB))) is AccessVerdict.DENY
    )
    world = environment(policies(policy(ADELE, keys=["get"])))
    assert verdict(world, "Microsoft.KeyVault/vaults/keys/read", plane=Plane.CONTROL) is AccessVerdict.DENY


def test_data_actions_above_any_vault_are_answered_by_roles() -> None:
    assert verdict(environment(assignment(ADELE, SECRETS_USER, SUB)), at=RG) is AccessVerdict.ALLOW


@pytest.mark.parametrize(
    ("action", "category", "names"),
    [
        ("secrets/getSecret/action", "secrets", ["Get"]),
        ("secrets/readMetadata/action", "secrets", ["LIST"]),
        ("secrets/setSecret/action", "secrets", ["set"]),
        ("secrets/update/action", "secrets", ["set"]),
        ("secrets/delete", "secrets", ["delete"]),
        *[(f"secrets/{verb}/action", "secrets", [verb]) for verb in ("backup", "restore", "recover", "purge")],
        ("keys/read", "keys", ["get"]),
        ("keys/read", "keys", ["list"]),
        ("keys/delete", "keys", ["delete"]),
        *[
            (f"keys/{verb}/action", "keys", [verb])
            for verb in (
                *("create", "import", "update", "backup", "restore", "recover", "purge"),
                *("encrypt", "decrypt", "sign", "verify", "release", "rotate"),
            )
        ],
        ("keys/wrap/action", "keys", ["wrapKey"]),
        ("keys/unwrap/action", "keys", ["UnwrapKey"]),
        ("keyrotationpolicies/read", "keys", ["getrotationpolicy"]),
        ("keyrotationpolicies/write", "keys", ["setrotationpolicy"]),
        ("certificates/read", "certificates", ["get"]),
        ("certificates/read", "certificates", ["list"]),
        *[
            (f"certificates/{verb}/action", "certificates", [verb])
            for verb in ("create", "import", "update", "backup", "restore", "recover", "purge")
        ],
        ("certificates/delete", "certificates", ["delete"]),
        ("certificatecas/read", "certificates", ["getissuers"]),
        ("certificatecas/delete", "certificates", ["deleteissuers"]),
        ("certificatecas/read", "certificates", ["listissuers"]),
        ("certificatecas/write", "certificates", ["setissuers"]),
        ("certificatecas/delete", "certificates", ["manageissuers"]),
        ("certificatecontacts/write", "certificates", ["managecontacts"]),
        ("secrets/getSecret/action", "secrets", ["All"]),
        ("keys/purge/action", "keys", ["all", "Purge"]),
    ],
)
def test_a_data_action_has_its_policy_permission(action: str, category: str, names: list[str]) -> None:
    full = f"Microsoft.KeyVault/vaults/{action}"
    assert verdict(environment(policies(policy(ADELE, None, **{category: names}))), full) is AccessVerdict.ALLOW
    other = "certificates" if category == "secrets" else "secrets"
    assert verdict(environment(policies(policy(ADELE, None, **{other: names}))), full) is AccessVerdict.DENY


def test_one_permission_does_not_grant_another() -> None:
    assert verdict(environment(policies(policy(ADELE, secrets=["list", "set"])))) is AccessVerdict.DENY


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([policies(policy(TEAM, secrets=["get"])), member(ADELE, TEAM)], AccessVerdict.ALLOW),
        ([policies(policy(ADELE.upper(), secrets=["get"]))], AccessVerdict.ALLOW),
        ([policies(policy(ALEX, secrets=["get"]))], AccessVerdict.DENY),
        ([policies(policy(ADELE, guid("client"), secrets=["get"]))], AccessVerdict.CONDITIONAL),
        (
            [policies(policy(ADELE, guid("client"), secrets=["get"]), policy(ADELE, secrets=["get"]))],
            AccessVerdict.ALLOW,
        ),
        ([policies(), gap("graph/transitiveMemberOf", ADELE)], AccessVerdict.UNKNOWN),
        ([policies(policy(ADELE, secrets=["get"])), gap("graph/transitiveMemberOf", ADELE)], AccessVerdict.ALLOW),
        (
            [
                policies(policy(TEAM, secrets=["get"])),
                member(ADELE, TEAM),
                thing("group", TEAM, securityEnabled=False),
            ],
            AccessVerdict.UNKNOWN,
        ),
        ([policies(), gap("Microsoft.Authorization/roleAssignments", SUB)], AccessVerdict.DENY),
    ],
)
def test_access_policies(rows: list[Row], expected: AccessVerdict) -> None:
    assert verdict(environment(*rows)) is expected


def test_missing_policies_are_not_an_empty_list() -> None:
    untold = vault(enableRbacAuthorization=False)
    found = environment(untold).access().can(ADELE, GET, scope(VAULT), Plane.DATA)
    assert (found.verdict, found.gaps[0].code) == (AccessVerdict.UNKNOWN, "NotHeld")
    assert environment(untold).access().who_can(GET, scope(VAULT), Plane.DATA).at_least


def test_whether_all_includes_purge_is_unknown() -> None:
    found = environment(policies(policy(ADELE, None, keys=["all"]))).access()
    answer = found.can(ADELE, "Microsoft.KeyVault/vaults/keys/purge/action", scope(VAULT), Plane.DATA)
    assert answer.verdict is AccessVerdict.UNKNOWN
    assert [gap.code for gap in answer.gaps] == ["AllWithoutPurge"]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        (
            {"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}},
            "it lists none (trusted services of Azure may pass",
        ),
        (
            {"networkAcls": {"defaultAction": "deny", "bypass": "None"}},
            "denies every network: its default action is Deny, and it lists none",
        ),
        ({"publicNetworkAccess": "SecuredByPerimeter"}, "a network security perimeter decides"),
        ({"publicNetworkAccess": "Disabled", "privateEndpointConnections": []}, "it has no approved private endpoint"),
    ],
)
def test_the_rules_of_the_firewall_become_a_note(properties: Row, text: str) -> None:
    access = environment(vault(enableRbacAuthorization=True, **properties)).access()
    told = [note.text for note in access.can(ADELE, GET, scope(VAULT), Plane.DATA).notes]
    assert [text in note for note in told if "key vault `" in note] == [True]


def test_the_policy_of_a_group_to_join_makes_eligible() -> None:
    offered = thing(
        "privilegedAccessGroupEligibilityScheduleInstance", "one", principalId=ADELE, groupId=TEAM, accessId="member"
    )
    assert verdict(environment(policies(policy(TEAM, secrets=["get"])), offered)) is AccessVerdict.ELIGIBLE
    refused = gap("graph/groupEligibilities", ADELE)
    assert verdict(environment(policies(policy(TEAM, secrets=["get"])), refused)) is AccessVerdict.UNKNOWN


def test_the_deciding_policy_is_named() -> None:
    world = environment(policies(policy(ALEX, secrets=["get"]), policy(ADELE, secrets=["Get"])))
    found = world.access().can(ADELE, GET, scope(VAULT), Plane.DATA)
    told = [reason.text for reason in found.because if reason.kind is ReasonKind.ACCESS_POLICY]
    assert told == ["access policy 1 of vault `kv-contoso` grants `secrets Get`"]


def test_an_unknown_data_action_is_not_guessed() -> None:
    strange = "Microsoft.KeyVault/vaults/secrets/frobnicate/action"
    assert verdict(environment(policies(policy(ADELE, secrets=["get"]))), strange) is AccessVerdict.UNKNOWN
    assert verdict(environment(policies(policy(ALEX, secrets=["get"]))), strange) is AccessVerdict.DENY
    assert verdict(environment(policies(policy(ADELE))), strange) is AccessVerdict.DENY


@pytest.mark.parametrize(
    ("row", "roles", "text"),
    [
        (policies(), [CONTRIBUTOR], "add an access policy for itself"),
        (vault(enableRbacAuthorization=True), [OWNER], "assign itself any role"),
        (vault(enableRbacAuthorization=True), [CONTRIBUTOR], "possibly switch the vault"),
        (
            vault(enableRbacAuthorization=True, enabledForTemplateDeployment=True),
            [CONTRIBUTOR],
            "parameters of a template deployment",
        ),
        (policies(), ["f25e0fa2-a7c8-4377-a976-54943a77a395"], "add an access policy for itself"),
        (policies(), ["7859c0b0-0bb9-4994-bd12-cd529af7d646"], "add an access policy for itself"),
        (
            vault(enableRbacAuthorization=True),
            ["8b54135c-b56d-4d72-a534-26097cfdc8d8"],
            "assign roles here under a condition",
        ),
    ],
)
def test_a_way_to_gain_access_is_a_note_and_no_access(row: Row, roles: list[str], text: str) -> None:
    world = environment(row, *(assignment(ADELE, role, SUB) for role in roles))
    found = world.access().can(ADELE, GET, scope(VAULT), Plane.DATA)
    assert found.verdict is AccessVerdict.DENY
    assert any(text in note.text for note in found.notes if note.kind is NoteKind.ESCALATION)


def test_contents_can_be_set_through_resource_manager() -> None:
    world = environment(policies(), assignment(ADELE, CONTRIBUTOR, SUB))
    for action, told in (("secrets/setSecret/action", True), ("keys/create/action", True), ("secrets/delete", False)):
        found = world.access().can(ADELE, f"Microsoft.KeyVault/vaults/{action}", scope(VAULT), Plane.DATA)
        assert any("through Azure Resource Manager" in note.text for note in found.notes) is told


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"publicNetworkAccess": "disabled"}, True),
        ({"networkAcls": {"defaultAction": "Deny"}}, True),
        ({"networkAcls": {"defaultAction": "Allow"}, "publicNetworkAccess": "Enabled"}, False),
        ({}, False),
    ],
)
def test_the_firewall_is_a_note_on_the_data_plane_only(properties: Row, told: bool) -> None:
    access = environment(vault(enableRbacAuthorization=True, **properties)).access()
    data = access.can(ADELE, GET, scope(VAULT), Plane.DATA).notes
    control = access.can(ADELE, "Microsoft.KeyVault/vaults/read", scope(VAULT)).notes
    assert (NoteKind.FIREWALL in {note.kind for note in data}) is told
    assert NoteKind.FIREWALL not in {note.kind for note in control}
