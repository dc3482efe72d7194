"""Which of many scopes have gaps of a list: the same as asking for the gaps of each."""

from random import Random

import pytest

from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import LISTS
from fixtures.generate import Size, environment, hide, hideable


@pytest.mark.parametrize("seed", range(4))
def test_the_scopes_with_gaps_are_those_that_have_gaps(seed: int) -> None:
    whole = environment(Size(subscriptions=4), seed)
    lists = hideable(whole)
    hidden = hide(whole, Random(seed).sample(lists, len(lists) // 3))
    inventory, other = Inventory.of(hidden), Inventory.of(hidden)
    groups = {record.id for record in hidden.arm if record.type.lower().endswith("/resourcegroups")}
    scopes = ["/", *(f"/subscriptions/{one}" for one in sorted(inventory.scanned)), "/subscriptions/other", *groups]
    found = {what: inventory.unsettled(what, scopes) for what in LISTS}
    assert found == {what: {scope for scope in scopes if other.gaps(what, scope)} for what in LISTS}
    assert any(found.values())
