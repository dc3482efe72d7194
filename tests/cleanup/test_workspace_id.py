import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cleanup.workspace_id import UnsafeId, WorkspaceId
from tests.cleanup.leftovers import OI, RG, SUBSCRIPTION, S


def test_the_parts_of_an_id() -> None:
    one = WorkspaceId.parse(f"{S.upper()}/RESOURCEGROUPS/Rg_(1).a/{OI.lower()}/Left-1")
    assert (one.subscription, one.group, one.name) == (SUBSCRIPTION, "Rg_(1).a", "Left-1")
    assert one.key == one.text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "left-1",
        RG,
        f"{RG}/{OI}/",
        f"{RG}/{OI}/a/b",
        f"{RG}/{OI}/..",
        f"{RG}/{OI}/../x",
        f"{S}/resourceGroups/../{OI}/x",
        f"{S}/resourceGroups/a..b/{OI}/x",
        f"{S}/resourceGroups/rg./{OI}/x",
        f"/subscriptions/not-a-guid/resourceGroups/rg/{OI}/x",
        f"{RG}/{OI}/x?force=true",
        f"{RG}/{OI}/x#",
        f"{RG}/{OI}/x%2f..",
        f"{RG}/{OI}/x\n",
        f"{RG}/{OI}/x'y",
        f'{RG}/{OI}/x"y',
        f"{RG}/{OI}/-x",
        f"{RG}/{OI}/{'x' * 64}",
        f" {RG}/{OI}/x",
        f"{RG}/providers/Microsoft.KeyVault/vaults/x",
        f"https://example.com{RG}/{OI}/x",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UnsafeId):
        WorkspaceId.parse(text)


@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_what_is_taken_holds_nothing_that_a_shell_or_a_url_could_take_for_more(group: str, name: str) -> None:
    try:
        one = WorkspaceId.parse(f"{S}/resourceGroups/{group}/{OI}/{name}")
    except UnsafeId:
        return
    assert (one.group, one.name) == (group, name)
    assert not set("'\"`$;&|<>*?!#%\\/ \t\n{}[]~^") & set(one.group + one.name)
