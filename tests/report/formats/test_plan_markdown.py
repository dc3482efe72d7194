"""A plan as a change request: what goes is complete, what stays has its reason, and every cut has its count."""

import re
from typing import Any

import msgspec
from hypothesis import given

from auditor.cleanup.plan_file import as_document
from auditor.inventory.reads import Gap
from auditor.report.formats.level_of_detail import FITS
from auditor.report.formats.plan_markdown import render
from auditor.shells import CommandShell
from tests.cleanup import leftovers as left
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE
from tests.report.steering import STEERING
from tests.sampling import examples

CLOSED = Gap(
    "Microsoft.Authorization/locks", left.S, 403, "AuthorizationFailed", "no", "Microsoft.Authorization/locks/read"
)


def document(**changed: Any) -> dict[str, Any]:
    return as_document(msgspec.structs.replace(left.plan(), **changed))


def test_golden_file() -> None:
    check_golden("plan.md", render(document(created_at=left.NOW)))


def test_the_way_back_is_written_for_the_shell_that_was_named() -> None:
    text = render(document(), (CommandShell.CMD,))
    assert (text.count("```bat"), text.count("```sh")) == (2, 0)


def test_what_goes_has_its_reasons_its_losses_and_the_way_back() -> None:
    text = render(document())
    goes, _, stays = text.partition("## What stays")
    assert text.startswith("# Change request: delete 2 Log Analytics workspaces\n")
    assert goes.count("```sh") == 2
    assert goes.count("why it is left behind: tag migrate project") == 2
    assert "**lost for good:** the solution" in goes
    assert "Microsoft Sentinel uses it" in stays


def test_nothing_to_delete_is_said_and_why() -> None:
    text = render(as_document(left.plan(left.tenant(gaps=[CLOSED]))))
    assert text.startswith("# Cleanup plan: nothing to delete\n")
    assert "### Undecided: kept until it is known: 2 items" in text
    assert "grant `Microsoft.Authorization/locks/read`" in text
    assert "How it is carried out" not in text


def test_a_partial_plan_cannot_be_applied_and_says_so() -> None:
    assert "**Partial: the scan was stopped. This plan cannot be applied.**" in render(
        document(partial=("the scan was stopped",))
    )


def test_a_large_plan_fits_a_ticket_and_counts_what_is_cut() -> None:
    [kept] = [item for item in left.plan().items if item.verdict == "in_use"]
    many = tuple(msgspec.structs.replace(kept, name=f"law-{number}") for number in range(3_000))
    text = render(document(items=(*left.plan().deletions, *many)))
    assert len(text) <= FITS
    assert "3,000 items to keep" in text
    [rest] = re.findall(r"… and ([\d,]+) more; `--format json` contains all of them", text)
    assert int(rest.replace(",", "")) + len(re.findall(r"^\| `law-\d+`", text, re.MULTILINE)) == 3_000
    assert text.count("```sh") == 2


def test_names_without_end_are_cut_after_what_goes() -> None:
    items = [
        msgspec.structs.replace(one, name=f"{number}{'x' * 3_000}", reason="y" * 9_000)
        for number, one in enumerate(left.plan().items * 5)
        if one.action.value == "keep"
    ]
    text = render(document(items=(*left.plan().deletions, *items)))
    assert len(text) <= FITS
    assert text.count("```sh") == 2
    assert re.search(r"\n… and [\d,]+ more lines; `--format json` contains all of them\n$", text)


def test_a_subscription_stands_nowhere_without_its_name() -> None:
    text = render(document())
    alone = [line for line in text.splitlines() if re.search(rf"`(/subscriptions/)?{left.SUBSCRIPTION}`", line)]
    assert len(alone) == 6
    assert all("`Left`" in line for line in alone)
    older = render(document(subscription_names={}))
    assert f"| `rg-left` | `{left.SUBSCRIPTION}` |" in older


@examples(20)
@given(HOSTILE)
def test_whatever_a_workspace_is_called_is_inert(name: str) -> None:
    items = [msgspec.structs.replace(one, name=name, reason=name, projects=(name,)) for one in left.plan().items]
    text = render(document(items=tuple(items), recoverable=tuple(items)))
    assert not STEERING.search(text)
    assert not re.search(r"^(# heading|PASS)", text, re.MULTILINE)
