import pytest

from auditor.collect.request import NoScope, Request, UnknownAccount, UnknownScope


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (Request(), False),
        (Request(accounts=("meganb@contoso.com",)), False),
        (Request(subscriptions=("Contoso",)), True),
        (Request(management_groups=("contoso",)), True),
        (Request(all=True), True),
    ],
)
def test_only_a_place_names_a_scope(request_: Request, names: bool) -> None:
    assert request_.names_a_scope is names


def test_unknown_names_suggest_the_nearest() -> None:
    error = UnknownScope("subscription", "contoso produktion", near=["Contoso Production", "Fabrikam"])
    assert error.nearest == ("Contoso Production",)
    assert str(error) == "no such subscription: `contoso produktion`; did you mean `Contoso Production`?"


def test_ambiguous_names_list_all_that_answer() -> None:
    error = UnknownAccount("same@contoso.com", several=["a (1)", "b (2)"])
    assert "more than one account" in str(error)
    assert "`a (1)` or `b (2)`" in str(error)


def test_a_long_name_is_cut_in_the_message() -> None:
    assert len(str(UnknownScope("subscription", "x" * 10_000))) < 200


def test_no_scope_says_what_to_do() -> None:
    assert "name a subscription" in str(NoScope())
