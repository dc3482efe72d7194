from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, all_of, any_of, combine, map_fact, not_, unless_gaps

T: Fact[bool] = Known(True, (Evidence("yes"),))
F: Fact[bool] = Known(False, (Evidence("no"),))
U: Fact[bool] = Unknown((Gap("vaults", "/", 403),))
THREE = (T, F, U)

evidence = st.builds(Evidence, st.sampled_from("abc"), st.sampled_from(["", "x"]))
gaps = st.builds(Gap, st.sampled_from("pq"), st.just("/"), st.just(403))
facts = st.one_of(
    st.builds(Known, st.booleans(), st.lists(evidence, max_size=2).map(tuple)),
    st.builds(Unknown, st.lists(gaps, min_size=1, max_size=2).map(tuple)),
)


def value(fact: Fact[bool]) -> bool | None:
    return fact.value if isinstance(fact, Known) else None


def kleene_and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


@pytest.mark.parametrize(("left", "right"), list(product(THREE, repeat=2)))
def test_and_or_not_are_kleenes(left: Fact[bool], right: Fact[bool]) -> None:
    assert value(all_of((left, right))) is kleene_and(value(left), value(right))
    assert value(any_of((left, right))) is value(not_(all_of((not_(left), not_(right)))))


@given(st.lists(facts))
def test_and_or_do_not_mind_the_order(every: list[Fact[bool]]) -> None:
    assert value(all_of(every)) is value(all_of(every[::-1]))
    assert value(any_of(every)) is value(any_of(every[::-1]))


@given(st.lists(facts), st.integers(0, 9))
def test_learning_an_unknown_fact_changes_no_decided_answer(every: list[Fact[bool]], at: int) -> None:
    unknown = [index for index, fact in enumerate(every) if isinstance(fact, Unknown)]
    if not unknown:
        return
    index = unknown[at % len(unknown)]
    for learned in (T, F):
        later = [*every[:index], learned, *every[index + 1 :]]
        for combined in (all_of, any_of):
            before = value(combined(every))
            assert before is None or before is value(combined(later))


@given(st.lists(facts, min_size=1))
def test_an_answer_names_only_what_decided_it(every: list[Fact[bool]]) -> None:
    together = all_of(every)
    if isinstance(together, Unknown):
        assert set(together.why) == {gap for fact in every if isinstance(fact, Unknown) for gap in fact.why}
    else:
        deciding = [fact for fact in every if isinstance(fact, Known) and fact.value is together.value]
        assert set(together.because) == {item for fact in deciding for item in fact.because}


@given(facts)
def test_not_twice_is_the_fact_itself(fact: Fact[bool]) -> None:
    assert not_(not_(fact)) == fact


def test_map_and_combine_keep_evidence_and_gaps() -> None:
    assert map_fact(str, T) == Known("True", (Evidence("yes"),))
    assert map_fact(str, U) == U
    assert combine(lambda a, b: (a, b), T, F) == Known((True, False), (Evidence("yes"), Evidence("no")))
    assert combine(lambda a, b: (a, b), T, U) == U


def test_nothing_decides_nothing() -> None:
    assert all_of(()) == Known(True)
    assert any_of(()) == Known(False)


def test_unless_gaps_is_known_only_without_a_gap() -> None:
    assert unless_gaps(3, (), Evidence("a"), Evidence("a")) == Known(3, (Evidence("a"),))
    assert unless_gaps(3, [Gap("x", "/", 403)] * 2) == Unknown((Gap("x", "/", 403),))


def test_an_unknown_fact_cannot_go_unexplained() -> None:
    with pytest.raises(ValueError, match="at least one gap"):
        Unknown(())
