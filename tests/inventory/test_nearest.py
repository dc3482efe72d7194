import pytest

from auditor.nearest import did_you_mean, nearest, no_such


@pytest.mark.parametrize(
    ("asked", "known", "found"),
    [
        ("cont", ["Contoso Datacenter Exit", "Fabrikam"], ("Contoso Datacenter Exit",)),
        ("vault.pubic", ["vault.name", "vault.public"], ("vault.public",)),
        ("ISAIAHL@contoso.com", ["isaiahl@contoso.com"], ("isaiahl@contoso.com",)),
        ("registration.enabled", ["account.enabled", "vault.id"], ("account.enabled",)),
        ("enabled", ["account.enabled"], ("account.enabled",)),
        ("owner", ["vault.id"], ()),
        ("", ["account.enabled"], ()),
        ("x", [], ()),
    ],
)
def test_the_likeliest_name_is_found(asked: str, known: list[str], found: tuple[str, ...]) -> None:
    assert nearest(asked, known, 1) == found


def test_at_most_so_many_are_suggested() -> None:
    known = [f"sub {number}" for number in range(9)]
    assert len(nearest("sub", known)) == 3
    assert len(nearest("sub", known, 1)) == 1


def test_a_name_without_end_is_compared_and_repeated_in_part() -> None:
    said = no_such("rule", "x" * 1_000_000, ["vault-missing"])
    assert said.startswith("no such rule: `xxx")
    assert len(said) < 200


def test_the_sentence_names_what_was_probably_meant() -> None:
    assert no_such("rule", "vault-mising", ["vault-missing"]) == (
        "no such rule: `vault-mising`; did you mean `vault-missing`?"
    )
    assert did_you_mean("b", ["ba", "bb"]) == "; did you mean `ba` or `bb`?"
    assert did_you_mean("owner", ["vault.id"]) == ""


def test_a_name_that_is_much_less_like_it_than_the_likeliest_is_left_out() -> None:
    assert nearest("branchhv2", ["branchhv02", "branchhv01", "branchphys02"]) == ("branchhv02", "branchhv01")
    assert nearest("vault-acces-missing", ["vault-missing", "vault-access-missing"]) == ("vault-access-missing",)
