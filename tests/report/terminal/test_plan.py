import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cleanup.plan_file import as_document
from auditor.inventory.reads import Gap
from auditor.report.terminal.plan import render_plan
from auditor.report.terminal.style import PageStyle
from tests.cleanup import leftovers as left

WIDE = PageStyle(width=120)


def test_what_is_to_be_deleted_stands_first_with_its_grounds() -> None:
    text = render_plan(as_document(left.plan()), WIDE)
    assert (
        text.index("TO DELETE · 2 items") < text.index("left-2") < text.index("left-1") < text.index("IN USE · 1 item")
    )
    assert "because  tag migrate project: project-1: left-1" in text
    assert "loses    the solution ServiceMap(left-1), for good; it is saved in the plan" in text
    assert "undo     for 14 days" in text
    assert "Microsoft Sentinel uses it" in text


def test_an_undecided_one_says_what_would_settle_it() -> None:
    gap = Gap(
        "Microsoft.Authorization/locks", left.S, 403, "AuthorizationFailed", "no", "Microsoft.Authorization/locks/read"
    )
    text = render_plan(as_document(left.plan(left.tenant(gaps=[gap]))), WIDE)
    assert "UNDECIDED · 2 items" in text
    assert "grant `Microsoft.Authorization/locks/read`" in " ".join(text.split())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_page_but_for_commands(width: int) -> None:
    text = render_plan(as_document(left.plan()), PageStyle(width=width), verbose=True)
    assert all(len(line) <= max(width, 75) for line in text.splitlines())


def test_a_list_that_may_hold_more_is_told_with_its_permission() -> None:
    what = "Microsoft.OperationalInsights/workspaces"
    closed = Gap(what, left.S, 403, "AuthorizationFailed", "no", f"{what}/read")
    text = " ".join(render_plan(as_document(left.plan(left.tenant(gaps=[closed]))), WIDE).split())
    assert f"MISSING `{what}` at `{left.S}` was not read: 403 AuthorizationFailed; grant `{what}/read`" in text
    assert "MISSING" not in render_plan(as_document(left.plan()), WIDE)


def test_a_partial_plan_says_so() -> None:
    plan = msgspec.structs.replace(left.plan(), partial=("the scan was stopped",))
    assert "PARTIAL the scan was stopped: this plan cannot be applied" in render_plan(as_document(plan), WIDE)


@given(st.text(min_size=1, max_size=20))
def test_whatever_a_workspace_is_called_is_inert(name: str) -> None:
    items = [msgspec.structs.replace(one, name=name, reason=name) for one in left.plan().items]
    document = as_document(msgspec.structs.replace(left.plan(), items=tuple(items)))
    text = render_plan(document, PageStyle(width=120, ascii_only=True), verbose=True)
    assert all(character.isprintable() or character == "\n" for character in text)
