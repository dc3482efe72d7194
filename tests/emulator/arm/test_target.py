import pytest

from auditor.emulator.arm.target import Target, ancestry, parent_of, parse_target, type_of

S = "/subscriptions/11111111-0000-4000-8000-000000000001"
RG = f"{S}/resourcegroups/rg"
MG = "/providers/microsoft.management/managementgroups/contoso"


@pytest.mark.parametrize(
    ("path", "kind", "container", "is_list"),
    [
        ("/subscriptions", "microsoft.resources/subscriptions", "", True),
        (S, "microsoft.resources/subscriptions", "", False),
        ("/tenants", "microsoft.resources/tenants", "", True),
        (f"{S}/resourcegroups", "microsoft.resources/resourcegroups", S, True),
        (RG, "microsoft.resources/resourcegroups", S, False),
        (f"{RG}/resources", "microsoft.resources/resources", RG, True),
        (f"{S}/providers", "microsoft.resources/providers", S, True),
        (f"{S}/providers/microsoft.migrate", "microsoft.resources/providers", S, False),
        (f"{S}/providers/microsoft.keyvault/vaults", "microsoft.keyvault/vaults", S, True),
        (f"{RG}/providers/microsoft.keyvault/vaults/kv", "microsoft.keyvault/vaults", RG, False),
        (
            f"{RG}/providers/microsoft.migrate/migrateprojects/p/solutions",
            "microsoft.migrate/migrateprojects/solutions",
            f"{RG}/providers/microsoft.migrate/migrateprojects/p",
            True,
        ),
        (
            f"{RG}/providers/microsoft.keyvault/vaults/kv/providers/microsoft.authorization/roleassignments",
            "microsoft.authorization/roleassignments",
            f"{RG}/providers/microsoft.keyvault/vaults/kv",
            True,
        ),
        (
            f"{S}/providers/microsoft.keyvault/locations/eastus/deletedvaults/kv",
            "microsoft.keyvault/deletedvaults",
            f"{S}/providers/microsoft.keyvault/locations/eastus",
            False,
        ),
        (f"{MG}/descendants", "microsoft.management/managementgroups/descendants", MG, True),
        (
            f"{S}/providers/microsoft.insights/eventtypes/management/values",
            "microsoft.insights/eventtypes/values",
            f"{S}/providers/microsoft.insights/eventtypes/management",
            True,
        ),
    ],
)
def test_a_path_addresses_one_target(path: str, kind: str, container: str, is_list: bool) -> None:
    target = parse_target(path)
    assert target is not None
    assert (target.type, target.container, target.is_list) == (kind, container, is_list)


@pytest.mark.parametrize("path", ["", "/subscriptions/x/nonsense", f"{RG}/nonsense", "/nothing/at/all"])
def test_an_invalid_path_addresses_nothing(path: str) -> None:
    assert parse_target(path) is None


def test_a_group_called_providers_is_a_group() -> None:
    target = parse_target(f"{S}/resourcegroups/providers")
    assert isinstance(target, Target)
    assert (target.type, target.resource_group) == ("microsoft.resources/resourcegroups", "providers")


def test_the_ancestry_of_ids() -> None:
    solution = f"{RG}/providers/microsoft.migrate/migrateprojects/p/solutions/s"
    assert ancestry(solution) == (solution, f"{RG}/providers/microsoft.migrate/migrateprojects/p", RG, S)
    assert parent_of(f"{MG}/providers/microsoft.authorization/roleassignments/a") == MG
    assert parent_of("/providers/microsoft.authorization/roleassignments/a") == ""
    assert type_of("/tenants/x") == "microsoft.resources/tenants"


@pytest.mark.parametrize("text", ["hello", "a/b", "/x", "//", "/subscriptions", "?", "a/b/c/d", "https://x/y"])
def test_the_ancestry_of_any_text_ends(text: str) -> None:
    assert len(ancestry(text)) <= text.count("/") + 1
