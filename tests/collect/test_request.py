import pytest

from auditor.collect.request import NoScope, Request, UnknownAccount, UnknownScope


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (Request(), False),
        (Request(accounts=("meganb@contoso.com",)), False),
        (Request(subscriptions=("Contoso",)), True),
        (Request(management_groups=("contoso",)), True),
        (Request(scopes=("/providers/Microsoft.Management/managementGroups/contoso",)), True),
        (Request(scopes=("/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001",)), False),
        (Request(all=True), True),
    ],
)
def test_only_a_place_names_a_scope(request_: Request, names: bool) -> None:
    assert request_.names_a_scope is names


def test_unknown_names_suggest_the_nearest() -> None:
    error = UnknownScope("subscription", "contoso produktion", near=["Contoso Production", "Fabrikam"])
    assert str(error) == "no such subscription: `contoso produktion`; did you mean `Contoso Production`?"


def test_where_none_resembles_it_the_few_that_there_are_are_told() -> None:
    error = UnknownScope("subscription", "nonsense", near=["Fabrikam", "Contoso Production"])
    assert str(error) == "no such subscription: `nonsense`; known are `Contoso Production`, `Fabrikam`"
    assert str(UnknownScope("subscription", "nonsense", near=["Tailspin"])).endswith("; known is `Tailspin`")
    every = [f"sub {number}" for number in range(5)]
    assert str(UnknownScope("subscription", "nonsense", near=every)) == "no such subscription: `nonsense`"
    found = UnknownAccount("zzz", near=["adele@contoso.com"])
    assert str(found) == "no such account: `zzz`", "who begins alike is not everybody that there is"


def test_ambiguous_names_list_all_that_answer() -> None:
    error = UnknownAccount("same@contoso.com", several=["a (1)", "b (2)"])
    assert "more than one account" in str(error)
    assert "`a (1)` or `b (2)`" in str(error)


def test_a_long_name_is_cut_in_the_message() -> None:
    assert len(str(UnknownScope("subscription", "x" * 10_000))) < 200


def test_no_scope_says_what_to_do() -> None:
    assert "name a subscription" in str(NoScope())
