import pytest

from auditor.access.rbac.patterns import normalized
from auditor.facts.rights.steps import At, EntraNeed, steps
from auditor.facts.schema import FactType, SubjectKind, facts, facts_of
from auditor.inventory.lists import LISTS
from auditor.inventory.uses.uses import Hit, Where, uses


def test_every_kind_of_subject_has_facts_of_its_own() -> None:
    assert {fact.kind for fact in facts().values()} == set(SubjectKind)
    for kind in SubjectKind:
        assert all(name.startswith(f"{kind.value}.") for name in facts_of(kind))


@pytest.mark.parametrize("name", list(facts()))
def test_a_fact_says_in_one_line_what_it_means(name: str) -> None:
    fact = facts()[name]
    assert "\n" not in fact.meaning
    assert fact.meaning.endswith(".")
    assert not fact.in_messages_only or fact.type is FactType.STRING


def test_the_steps_come_in_the_order_of_the_work() -> None:
    assert list(steps()) == ["create-project", "generate-key", "register", "start-discovery", "replicate"]


def test_registering_needs_what_the_resource_providers_ask_for() -> None:
    register = steps()["register"]
    asked = {(need.at, action) for need in register.needs for action in need.one_of}
    assert (At.PROJECT, "Microsoft.Migrate/migrateProjects/registrationDetails/action") in asked
    assert (At.RESOURCE_GROUP, "Microsoft.OffAzure/MasterSites/applianceRegistrationInfo/action") in asked
    assert (At.RESOURCE_GROUP, "Microsoft.KeyVault/vaults/accessPolicies/write") in asked
    assert any(len(need.one_of) == len(("VMware", "HyperV", "Server")) for need in register.needs)
    assert register.entra is EntraNeed.CREATE_APPLICATION
    assert set(register.providers) == {"Microsoft.OffAzure", "Microsoft.Migrate", "Microsoft.KeyVault"}


def test_every_action_is_spelt_as_an_action() -> None:
    for step in steps().values():
        for action in (*step.vault, *(one for need in step.needs for one in need.one_of)):
            assert normalized(action) == action.lower()
            assert action.rpartition("/")[2] in {"read", "write", "action", "delete"}


def test_every_use_check_reads_a_list_of_the_catalogue_and_a_title_stands_for_one_use() -> None:
    assert {use.what.lower() for use in uses()} <= set(LISTS)
    assert len({(use.title, use.hit, use.path, use.suffix) for use in uses()}) == len(uses())
    assert len({(use.title, use.what, use.where, use.part, use.end) for use in uses()}) == len(
        {use.title for use in uses()}
    )


def test_a_use_check_that_looks_into_items_says_where() -> None:
    for use in uses():
        assert bool(use.path) == (use.hit not in {Hit.BELOW, Hit.STANDS_ON, Hit.MADE_ON})
        assert use.hit is not Hit.BELOW or use.where is Where.WORKSPACE
