import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.inventory.arm_id import _SUSPECT, ROOT, ArmId, MalformedArmId, _is_plain

S = "/subscriptions/0A000000-0000-0000-0000-000000000001"
VAULT = f"{S}/resourceGroups/Migrate-RG/providers/Microsoft.KeyVault/vaults/Kv1"
GROUP = "/providers/Microsoft.Management/managementGroups/platform"


@pytest.mark.parametrize(
    ("text", "kind", "name", "parent", "scope"),
    [
        ("/", "", "", "/", "/"),
        (S, "Microsoft.Resources/subscriptions", S.rpartition("/")[2], "/", "/"),
        (f"{S}/resourcegroups/rg", "Microsoft.Resources/resourceGroups", "rg", S, S),
        (f"{S}/providers/Microsoft.Migrate", "Microsoft.Resources/providers", "Microsoft.Migrate", S, S),
        (VAULT, "Microsoft.KeyVault/vaults", "Kv1", f"{S}/resourceGroups/Migrate-RG", f"{S}/resourceGroups/Migrate-RG"),
        (f"{VAULT}/secrets/a", "Microsoft.KeyVault/vaults/secrets", "a", VAULT, f"{S}/resourceGroups/Migrate-RG"),
        (
            f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/x",
            "Microsoft.Authorization/roleAssignments",
            "x",
            VAULT,
            VAULT,
        ),
        (
            f"{S}/providers/Microsoft.Authorization/roleAssignments/x",
            "Microsoft.Authorization/roleAssignments",
            "x",
            S,
            S,
        ),
        (
            "/providers/Microsoft.Authorization/roleAssignments/x",
            "Microsoft.Authorization/roleAssignments",
            "x",
            "/",
            "/",
        ),
        (GROUP, "Microsoft.Management/managementGroups", "platform", "/", "/"),
        (
            f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/x",
            "Microsoft.Authorization/roleAssignments",
            "x",
            GROUP,
            GROUP,
        ),
        ("/tenants/0A", "Microsoft.Resources/tenants", "0A", "/", "/"),
        (
            f"{S}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv",
            "Microsoft.KeyVault/locations/deletedVaults",
            "kv",
            f"{S}/providers/Microsoft.KeyVault/locations/westeurope",
            S,
        ),
    ],
)
def test_parts(text: str, kind: str, name: str, parent: str, scope: str) -> None:
    parsed = ArmId.parse(text)
    assert (parsed.type, parsed.name, str(parsed.parent), str(parsed.scope)) == (kind, name, parent, scope)


def test_places() -> None:
    parsed = ArmId.parse(VAULT)
    assert parsed.subscription == "0a000000-0000-0000-0000-000000000001"
    assert str(parsed.subscription_id) == S
    assert (parsed.resource_group, str(parsed.resource_group_id)) == ("Migrate-RG", f"{S}/resourceGroups/Migrate-RG")
    assert parsed.management_group is None
    on_group = ArmId.parse(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/x")
    assert (on_group.management_group, on_group.subscription, on_group.resource_group) == ("platform", None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "subscriptions/x",
        "//subscriptions/x",
        "/subscriptions",
        "/subscriptions//resourceGroups/rg",
        f"{S}/resourceGroups",
        f"{S}/providers",
        f"{S}/storage/x",
        f"{S}/resourceGroups/../x",
        f"{S}/resourceGroups/a?b",
        f"{S}/resourceGroups/a\nb",
        "https://management.azure.com/subscriptions/x",
        "/elsewhere/x",
    ],
)
def test_malformed_ids_say_why(text: str) -> None:
    with pytest.raises(MalformedArmId, match=r"is not an ARM resource id: .+"):
        ArmId.parse(text)


def test_containment_goes_by_segments() -> None:
    group = ArmId.parse(f"{S}/resourceGroups/rg")
    assert ArmId.parse(f"{S}/RESOURCEGROUPS/RG/providers/a.b/c/d").is_within(group)
    assert group.is_within(group)
    assert not ArmId.parse(f"{S}/resourceGroups/rg2").is_within(group)
    assert not group.is_within(ArmId.parse(f"{S}/resourceGroups/r"))
    assert ArmId.parse(VAULT).is_within(ROOT)
    assert not ROOT.is_within(ArmId.parse(S))


_names = st.text("abcXYZ019-_.()", min_size=1, max_size=8).filter(lambda name: name.strip(".") != "")


@given(st.lists(_names, min_size=1, max_size=4), st.data())
def test_case_does_not_matter_and_text_is_kept(names: list[str], data: st.DataObject) -> None:
    text = f"/subscriptions/{names[0]}/resourceGroups/{names[-1]}/providers/Microsoft.X/things/{names[0]}"
    flips = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    other = "".join(char.swapcase() if flip else char for char, flip in zip(text, flips, strict=True))
    one, two = ArmId.parse(text), ArmId.parse(other)
    assert one == two
    assert hash(one) == hash(two)
    assert (str(one), str(two)) == (text, other)
    assert ArmId.parse(str(one)) == one
    assert one.is_within(two.parent)
    assert two.parent.is_within(ArmId.parse(f"/subscriptions/{names[0]}"))


_LETTERS = st.text(st.sampled_from("ab /.?#\x00\x1f\x7f\u00a0\u3000\u200b\u00e4"), min_size=1)


@given(_LETTERS.filter(lambda text: not text.endswith("/")))
def test_the_fast_check_of_an_id_overlooks_nothing(body: str) -> None:
    assert not (_is_plain(body) and _SUSPECT.search(body))
