"""Redaction: what it replaces, which relations it keeps, what it leaves, and what it reports about that."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import Gap, Read
from auditor.inventory.redaction.bodies import REDACTED
from auditor.inventory.redaction.pseudonyms import Pseudonyms, WeakKey
from auditor.inventory.redaction.redact import redacted, well_known
from auditor.inventory.resources.directory import User
from auditor.inventory.resources.migrate import Solution
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.records import Header, Link, arm_record, event_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot

KEY = b"sixteen bytes at least"
MOMENT = instant("2026-11-23T10:00:00Z")
TENANT = "72c0a7b1-5d3e-4f60-9b1a-c0a050000000"
S = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def header() -> Header:
    assert MOMENT is not None
    return Header(tenant_id=TENANT, collected_at=MOMENT)


def body_of(body: dict[str, object]) -> dict[str, object]:
    """Return an ARM body after redaction."""
    made = redacted(Snapshot.of(header(), arm=[arm_record(body)]), Pseudonyms(KEY)).snapshot
    return msgspec.json.decode(made.arm[0].body, type=dict[str, object])


def properties(**held: object) -> dict[str, object]:
    found = body_of({"id": f"{S}/resourceGroups/rg/providers/Contoso.Things/things/t", "properties": held})
    return found["properties"]  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["contoso", "fabrikam", "tailspin"])
def test_no_name_of_an_embedded_environment_is_left(fixtures: Path, name: str) -> None:
    snapshot = load(fixtures / f"{name}.yaml")
    made = redacted(snapshot, Pseudonyms(KEY, well_known(snapshot))).snapshot
    text = b"\n".join(
        [*(one.body for one in made.arm), *(one.body for one in made.graph), *(e.body for e in made.events)]
    )
    said = text.decode() + repr((made.header, made.links, made.reads, made.gaps))
    assert not re.search(rf"{name}|meganb|isaiahl|payments|branchhv|hv-ber|vc0\d|203\.0\.113", said, re.IGNORECASE)
    own = {guid for one in snapshot.graph for guid in [one.id]}
    assert not own & {one.id for one in made.graph} - {"authorizationPolicy"}
    assert all(GUID.fullmatch(one.id) for one in made.graph if one.id != "authorizationPolicy")


def test_equal_keys_give_equal_snapshots_and_other_keys_others(fixtures: Path) -> None:
    snapshot = load(fixtures / "fabrikam.yaml")
    made = [redacted(snapshot, Pseudonyms(key)).snapshot for key in (KEY, KEY, b"another key of many bytes")]
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_joins_stay_intact(fixtures: Path) -> None:
    snapshot = load(fixtures / "contoso.yaml")
    before = Inventory.of(snapshot)
    names = Pseudonyms(KEY, well_known(snapshot))
    after = Inventory.of(redacted(snapshot, names).snapshot)
    ids = [sorted(names.text(name).lower() for name in one.sites_by_appliance) for one in before.all(Solution)]
    assert sorted(ids) == sorted(sorted(one.sites_by_appliance) for one in after.all(Solution))
    assert any(ids)
    live = {
        site.lower() for one in before.all(Solution) for site in one.sites_by_appliance.values() if before.get(site)
    }
    again = {site for one in after.all(Solution) for site in one.sites_by_appliance.values() if after.get(site)}
    assert len(live) == len({site.lower() for site in again})
    for user in after.objects(User):
        assert "@" in (user.user_principal_name or "@")
        if user.is_guest and user.mail and "#" in (user.user_principal_name or ""):
            assert (user.user_principal_name or "").startswith(user.mail.replace("@", "_") + "#EXT#@")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("adele@contoso.com", r"\w+@\w+\.com"),
        ("adele_fabrikam.com#EXT#@contoso.onmicrosoft.com", r"\w+_\w+\.com#EXT#@\w+\.onmicrosoft\.com"),
        ("https://contosokv.vault.azure.net/", r"https://\w+\.vault\.azure\.net/"),
        ("contoso-exitlock", r"x\w+-x\w+lock"),
        ("migrate-wave0", r"migrate-x\w+"),
        ("migrateapplisbns1880011", r"migrateapplisbnsx\w+"),
        ("migratesbns1880011", r"migratesbnsx\w+"),
        ("privatelink.contoso.migration.windowsazure.com", r"privatelink\.x\w+\.migration\.windowsazure\.com"),
        ("ServiceMap(wave0)", r"ServiceMap\(x\w+\)"),
        ("https://contoso.com/exitagentauthaadapp", r"https://\w+\.com/\w+agentauthaadapp"),
        ("ServiceMapThings_CL", r"ServiceMapx\w+_CL"),
        ("Größe\u202eevil", r"x[a-z2-7]{10}"),
        ("a\x1b[31mb", r"x\w+\[x\w+"),
        ("00000000-0000-0000-0000-000000000000", r"00000000-0000-0000-0000-000000000000"),
        ("5f0d6b2a1c3e4897a6d4e8b90c1f2a37", r"[0-9a-f]{32}"),
        ("lock", r"x\w{10}"),
        ("", r""),
    ],
)
def test_a_name_keeps_its_shape_and_what_it_is_tied_by(text: str, shape: str) -> None:
    assert re.fullmatch(shape, Pseudonyms(KEY).text(text), re.ASCII), Pseudonyms(KEY).text(text)


@given(st.text(), st.text())
def test_a_pseudonym_depends_on_the_word_alone(one: str, other: str) -> None:
    names = Pseudonyms(KEY)
    assert names.text(f"{one} {other}") == f"{names.text(one)} {names.text(other)}"
    assert names.text(one) == Pseudonyms(KEY).text(one)


def test_letter_case_does_not_matter() -> None:
    assert Pseudonyms(KEY).text("CONTOSO-exit") == Pseudonyms(KEY).text("contoso-Exit")


def test_a_weak_key_is_refused() -> None:
    with pytest.raises(WeakKey, match="has 5 bytes; it takes 16"):
        Pseudonyms(b"short")


@pytest.mark.parametrize(
    ("field", "value", "shape"),
    [
        ("createdOn", "2026-02-03T08:14:55.1029384Z", r"2026-02-03T08:14:55.1029384Z"),
        ("provisioningState", "Succeeded", "Succeeded"),
        ("severity", "Warning", "Warning"),
        ("recommendedAction", "Adele should look", REDACTED),
        ("provisioningState", "adele@contoso.com", r"x\w+@x\w+\.com"),
        ("applianceCount", "412", "412"),
        ("costCentre", "4711", r"x\w+"),
        ("description", "Adele wants it", REDACTED),
        ("action", "Microsoft.Migrate/migrateProjects/write", "Microsoft.Migrate/migrateProjects/write"),
        ("anything", "[parameters('effect')]", r"\[parameters\('effect'\)\]"),
        ("anything", "[not json", r"\[x\w+ x\w+"),
        ("anything", "/not//an/id", r"/x\w+//x\w+/x\w+"),
        ("anything", "/", "/"),
        ("anything", "<removed>", "<removed>"),
        ("operationName", {"value": "Delete it", "localizedValue": "Delete it"}, "Delete it"),
        ("anything", ["10.0.0.4"], r"x\w+\.x\w+\.x\w+\.x\w+"),
    ],
)
def test_properties_by_what_they_hold(field: str, value: object, shape: str) -> None:
    found = properties(**{field: value})[field]
    found = found[0] if isinstance(found, list) else found["value"] if isinstance(found, dict) else found
    assert re.fullmatch(shape, str(found)), found


def test_numbers_and_booleans_stay_and_keys_that_name_are_replaced() -> None:
    found = properties(
        count=3, on=True, none=None, userAssignedIdentities={f"{S}/resourceGroups/rg/providers/Contoso.Things/x/y": {}}
    )
    assert (found["count"], found["on"], found["none"]) == (3, True, None)
    held = found["userAssignedIdentities"]
    assert isinstance(held, dict)
    identity = next(iter(held))
    assert re.fullmatch(r"/subscriptions/[0-9a-f-]{36}/resourceGroups/x\w+/providers/Contoso.Things/x/x\w+", identity)


def test_tags_keep_the_well_known_key_and_nothing_else() -> None:
    found = body_of({"id": f"{S}/resourceGroups/rg", "tags": {"Migrate Project": "exit", "type": "secret"}})
    (well, own) = sorted(found["tags"].items())  # type: ignore[attr-defined]
    assert well[0] == "Migrate Project"
    assert well[1].startswith("x")
    assert own[1].startswith("x")


def test_a_condition_keeps_its_logic() -> None:
    role = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
    condition = (
        "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
        "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals "
        f"{{{role}}} AND "
        "@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'contosologs' AND "
        "@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEquals 'User'))"
    )
    text = str(properties(condition=condition)["condition"])
    assert "contosologs" not in text
    assert role not in text
    assert "StringEquals 'User'" in text
    assert re.sub(r"'x\w+'|\{[0-9a-f-]{36}\}", "…", text) == re.sub(r"'contosologs'|\{[0-9a-f-]{36}\}", "…", condition)


def test_built_in_roles_and_policies_and_directory_roles_are_well_known() -> None:
    role, policy, template = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")
    snapshot = Snapshot.of(
        header(),
        arm=[
            arm_record(
                {
                    "id": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
                    "properties": {"type": "BuiltInRole", "roleName": "Owner of things"},
                }
            ),
            arm_record(
                {
                    "id": f"{S}/providers/Microsoft.Authorization/policyAssignments/p",
                    "properties": {
                        "policyDefinitionId": f"/providers/Microsoft.Authorization/policyDefinitions/{policy}"
                    },
                }
            ),
            arm_record({"id": f"{S}/providers/Microsoft.Authorization/policyAssignments/none"}),
            arm_record(
                {
                    "id": f"{S}/providers/Microsoft.Authorization/roleDefinitions/{TENANT}",
                    "properties": {"type": "CustomRole", "roleName": "Contoso own"},
                }
            ),
        ],
        links=[Link("directoryRole", TENANT, template, f"/administrativeUnits/{TENANT}")],
    )
    assert sorted(well_known(snapshot)) == [role, policy, template]
    made = redacted(snapshot, Pseudonyms(KEY, well_known(snapshot))).snapshot
    text = b"".join(one.body for one in made.arm).decode()
    assert "Owner of things" in text
    assert policy in text
    assert "Contoso" not in text
    assert TENANT not in text
    assert made.links[0].to == template
    assert made.links[0].scope.startswith("/administrativeUnits/")
    assert TENANT not in made.links[0].scope


def test_header_events_reads_and_gaps_are_redacted_too() -> None:
    snapshot = Snapshot.of(
        msgspec.structs.replace(header(), cloud="https://arm.contoso.local"),
        graph=[graph_record({"id": TENANT, "@odata.type": "#microsoft.graph.group", "displayName": "Contoso all"})],
        events=[event_record({"caller": "adele@contoso.com", "claims": {"name": "Adele"}})],
        reads=[Read("graph/groups", TENANT, count=1)],
        gaps=[Gap("Microsoft.KeyVault/vaults", S, 403, "AuthorizationFailed", "the client 'adele@contoso.com' …", "n")],
    )
    made = redacted(snapshot, Pseudonyms(KEY)).snapshot
    said = repr((made.header, made.graph, made.events, made.reads, made.gaps))
    assert not re.search(rf"contoso|adele|{TENANT}|{S}", said, re.IGNORECASE)
    assert made.reads is not None
    assert made.reads[0].scope == made.graph[0].id
    assert (made.gaps[0].code, made.gaps[0].message, made.gaps[0].needs) == ("AuthorizationFailed", REDACTED, "n")


def test_it_says_where_a_replaced_word_still_stands() -> None:
    body = {"id": f"{S}/resourceGroups/payments", "properties": {"environmentType": "payments prod", "kind": "web"}}
    told = redacted(Snapshot.of(header(), arm=[arm_record(body)]), Pseudonyms(KEY))
    assert [(one.property, one.count) for one in told.remains] == [("environmenttype", 1)]


def test_maps_in_texts_stay_maps() -> None:
    text = json.dumps({"appliance01": {"SiteId": f"{S}/resourceGroups/rg/providers/Microsoft.OffAzure/VMwareSites/s"}})
    found = properties(extendedDetails={"applianceNameToSiteIdMapV3": text})["extendedDetails"]
    held = json.loads(found["applianceNameToSiteIdMapV3"])  # type: ignore[index]
    ((appliance, site),) = held.items()
    assert appliance == Pseudonyms(KEY).text("appliance01")
    assert site["SiteId"].endswith(f"/providers/Microsoft.OffAzure/VMwareSites/{Pseudonyms(KEY).text('s')}")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("officeLocation", "adele building"),
        ("employeeType", "adele"),
        ("targetLocation", f"{S}/resourceGroups/adele"),
        ("dnsVersion", "adele.zava.com"),
        ("endpointState", "https://zava.com/adele"),
        ("loginStatus", "adele@zava.com"),
        ("lastUserType", "ZAVA\\adele"),
        ("category", "zava payroll"),
        ("operationName", {"value": "Microsoft.X/y/write", "localizedValue": "deleted by adele"}),
        ("homeDirectory", "/home/adele"),
        ("subject", "CN=adele, OU=payroll, O=zava"),
        ("url", "https://adele:pw@zava.blob.core.windows.net/payroll?user=zava#adele"),
        ("ipAddress", "203.0.113.77"),
        ("range", "2001:db8:203:0:113::77"),
        ("phone", "+1 425 203 0199"),
        ("xml", "<user name='adele'>zava</user>"),
        ("query", "Heartbeat | where Computer == 'adele' or user =~ \"zava\""),
        ("settings", '{"user": "adele", "adele": {"id": "zava"}, "list": ["payroll"]}'),
        ("broken", "{adele"),
        ("base", "YWRlbGU="),
        ("condition", "@Resource[x:name] StringEquals 'adele' AND \"zava\""),
        ("extension_7f3c9d21111142228333c0a050009999_adele", "x"),
        ("http://schemas.xmlsoap.org/claims/adele", "zava"),
        (
            "errors",
            [
                *({name: "adele of zava"} for name in ("message", "summaryMessage", "possibleCauses")),
                {"messageParameters": {"HostName": "adele.zava.com"}, "source": "zava"},
            ],
        ),
        ("identities", [{"issuer": "zava.onmicrosoft.com", "issuerAssignedId": "adele"}]),
    ],
)
def test_a_name_is_replaced_wherever_it_hides(field: str, value: object) -> None:
    told = json.dumps(properties(**{field: value})).lower()
    assert not re.search(r"adele|zava|payroll|203|ywrl|7f3c9d21", told)
