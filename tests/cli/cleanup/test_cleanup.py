import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.azure.writes import Started
from auditor.inventory.snapshot.files import save
from tests.cleanup import leftovers as left
from tests.cli.cleanup.stage import BOTH, BUSY, FIRST, SECOND, outcomes, scene, written
from tests.cli.running import Run


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """The options that lead to the small tenant."""
    with scene(monkeypatch) as served:
        yield served.azure


@pytest.fixture
def plan_file(migaudit: Run, azure: tuple[str, ...], tmp_path: Path) -> Path:
    """A plan for the small tenant."""
    path = tmp_path / "plan.json"
    assert migaudit("cleanup", "plan", "--all", *azure, "--output", path).code == 0
    return path


@pytest.fixture
def offline_plan(tmp_path: Path) -> Path:
    """The same plan, drawn without Azure."""
    return written(tmp_path)


def items(path: Path) -> dict[str, str]:
    return {item["name"]: item["action"] for item in json.loads(path.read_text())["items"]}


def test_a_plan_is_made_from_azure(plan_file: Path) -> None:
    assert items(plan_file) == {"left-1": "delete", "left-2": "delete", "busy": "keep"}
    assert json.loads(plan_file.read_text())["source"] == "live"
    assert plan_file.stat().st_mode & 0o777 == 0o600


def test_the_way_from_a_plan_and_back(migaudit: Run, azure: tuple[str, ...], plan_file: Path) -> None:
    shown = " ".join(migaudit("cleanup", "show", plan_file).out.replace("\\\n", "").split())
    assert shown.endswith(
        f"2 items to delete (left-2, left-1) · 1 item to keep migaudit cleanup show {plan_file} --format markdown "
        f"migaudit cleanup apply {plan_file} --dry-run"
    )
    rehearsed = migaudit("cleanup", "apply", plan_file, *azure, "--dry-run", "--format", "json")
    assert (rehearsed.code, outcomes(rehearsed)) == (0, dict.fromkeys(("left-1", "left-2"), "would_be_deleted"))
    assert not plan_file.with_name("plan.json.journal.jsonl").exists()
    applied = migaudit("cleanup", "apply", plan_file, *azure, *BOTH, "--format", "json")
    assert (applied.code, outcomes(applied)) == (0, dict.fromkeys(("left-1", "left-2"), "deleted"))
    again = migaudit("cleanup", "apply", plan_file, *azure, *BOTH, "--format", "json")
    assert (again.code, outcomes(again)) == (0, dict.fromkeys(("left-1", "left-2"), "done_before"))
    back = migaudit("cleanup", "restore", plan_file, *azure)
    assert back.code == 0
    assert back.out.count("restored") == 2
    assert "with the solution `ServiceMap(left-1)`" in back.out
    assert not plan_file.with_name("plan.json.lock").exists()


def test_offline_plans_say_that_everything_is_read_again(migaudit: Run, azure: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    save(left.tenant(), tmp_path / "tenant.jsonl")
    done = migaudit("cleanup", "plan", "--snapshot", tmp_path / "tenant.jsonl", "--output", path)
    assert done.code == 0
    assert "reads everything again" in done.err
    assert migaudit("cleanup", "apply", path, *azure, *BOTH, "--quiet").code == 0


def test_typing_the_name_confirms(
    migaudit: Run, azure: tuple[str, ...], plan_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = tmp_path / "answers"
    answers.write_text("left-2\nleft-2\n")
    with answers.open() as typed:
        monkeypatch.setattr("sys.stdin", typed)
        done = migaudit("cleanup", "apply", plan_file, *azure, "--format", "json")
    assert outcomes(done) == {"left-2": "deleted", "left-1": "not_confirmed"}
    assert done.code == 22


def test_without_anybody_to_ask_nothing_is_done(process: Run, azure: tuple[str, ...], plan_file: Path) -> None:
    done = process("cleanup", "apply", plan_file, *azure, env={"PYTHONUTF8": "1"})
    assert done.code == 22
    assert "not confirmed" in done.out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--yes"], "--only"),
        (["--only", "left-9", "--yes"], "did you mean `left-"),
        (["--only", "busy", "--yes"], "deletes no item with this arm id, name or number"),
        (["--only", "0", "--yes"], "deletes no item"),
        (["--only", "3", "--yes"], "deletes no item"),
        (["--only", "²", "--yes"], "deletes no item"),
        (["--only", "", "--yes"], "it is empty"),
        (["--only", str(left.BUSY["id"]), "--yes"], "deletes no item with this arm id"),
        (["--max-age", "soon"], "not a duration"),
        (["--force"], "no such option"),
    ],
)
def test_usage(migaudit: Run, offline_plan: Path, options: list[str], says: str) -> None:
    done = migaudit("cleanup", "apply", offline_plan, *options)
    assert done.code == 2
    assert says in done.err.lower()


@pytest.mark.parametrize(
    ("named", "deleted"), [("LEFT-1", "left-1"), (left.FIRST["id"], "left-1"), ("1", "left-2"), (" 2 ", "left-1")]
)
def test_an_item_is_named_by_its_name_its_id_or_its_number_in_the_plan(
    named: str, deleted: str, migaudit: Run, azure: tuple[str, ...], plan_file: Path
) -> None:
    done = migaudit("cleanup", "apply", plan_file, *azure, "--only", named, "--yes", "--format", "json")
    assert (done.code, outcomes(done)) == (0, {deleted: "deleted"})
    back = migaudit("cleanup", "restore", plan_file, *azure, "--only", named, "--format", "json")
    assert (back.code, outcomes(back)) == (0, {deleted: "restored"})


def test_nobody_is_asked_about_what_may_not_be_deleted(
    migaudit: Run, plan_file: Path, monkeypatch: pytest.MonkeyPatch, process: Run
) -> None:
    reader = "5e1f0002-0000-4000-8000-000000000002"
    snapshot = left.tenant([left.role_definition("reader", ["*/read"], reader)], role=reader)
    with scene(monkeypatch, snapshot=snapshot) as served:
        done = process("cleanup", "apply", plan_file, *served.azure, "--format", "json", env={"PYTHONUTF8": "1"})
        assert set(outcomes(done).values()) == {"refused"}
        assert served.live.keys() == {FIRST.lower(), SECOND.lower(), BUSY.lower()}
    assert done.code == 22
    assert "type its name" not in done.err
    assert "you need `Microsoft.OperationalInsights/workspaces/delete`" in done.out


def test_nobody_is_asked_before_the_sign_in_succeeds(process: Run, azure: tuple[str, ...], plan_file: Path) -> None:
    done = process("cleanup", "apply", plan_file, *azure, env={"AZURE_CLIENT_SECRET": "wrong", "PYTHONUTF8": "1"})
    assert done.code == 3
    assert "type its name" not in done.err


def test_what_the_rights_rest_on_may_be_unread_and_then_the_items_are_asked_about(
    process: Run, plan_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = {"path": "roleAssignments", "status": 403, "code": "AuthorizationFailed"}
    with scene(monkeypatch, [gap]) as served:
        done = process("cleanup", "apply", plan_file, *served.azure, env={"PYTHONUTF8": "1"})
    assert "type its name" in done.err


def test_an_old_plan_is_stale(migaudit: Run, offline_plan: Path) -> None:
    done = migaudit("cleanup", "apply", offline_plan, "--max-age", "0s", *BOTH)
    assert done.code == 20
    assert "make it again" in done.err


def test_a_journal_is_never_left_without_its_plan(migaudit: Run, azure: tuple[str, ...], plan_file: Path) -> None:
    migaudit("cleanup", "apply", plan_file, *azure, *BOTH)
    done = migaudit("cleanup", "plan", "--all", *azure, "-o", plan_file)
    assert done.code == 2
    assert "needed to restore" in done.err


def test_without_its_journal_a_plan_is_never_said_to_have_nothing_to_restore(
    migaudit: Run, azure: tuple[str, ...], plan_file: Path
) -> None:
    done = migaudit("cleanup", "restore", plan_file, *azure)
    assert (done.code, done.out) == (22, "")
    assert "`plan.json.journal.jsonl` beside the plan is missing or empty" in done.err


def test_the_demo_has_a_plan_that_is_for_looking_at(migaudit: Run, tmp_path: Path) -> None:
    done = migaudit("cleanup", "plan", "--demo", "--output", tmp_path / "plan.json")
    assert done.code == 0
    assert done.out.splitlines()[-1].startswith("migaudit cleanup rehearse ")
    refused = migaudit("cleanup", "apply", tmp_path / "plan.json", "--dry-run")
    assert (refused.code, refused.out) == (22, "")
    assert "embedded environment" in refused.err
    document = json.loads((tmp_path / "plan.json").read_text())
    verdicts = {item["name"]: item["verdict"] for item in document["items"]}
    assert verdicts["law-hub-weu"] == "in_use"
    assert verdicts["contoso-dc-exit-oms"] == "attached"
    assert verdicts["contoso-wave2-ws"] == "undecided"
    assert verdicts["law-payments"] == "not_migrate"
    assert verdicts["Contoso-Wave0-WS"] == verdicts["contoso-pilot-oms"] == "orphaned"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_once_a_deletion_was_sent_the_json_is_printed_whatever_happens(
    stop: type[BaseException], migaudit: Run, azure: tuple[str, ...], plan_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(_self: Started, _bound: float) -> None:
        raise stop

    monkeypatch.setattr(Started, "end", stopped)
    done = migaudit("cleanup", "apply", plan_file, *azure, *BOTH, "--format", "json")
    assert done.code == 21
    told = {item["name"]: item["outcome"] for item in json.loads(done.out)["items"]}
    assert told == {"left-2": "accepted", "left-1": "skipped"}
    monkeypatch.undo()


def test_every_outcome_of_apply_is_one_of_five(migaudit: Run, azure: tuple[str, ...], plan_file: Path) -> None:
    told = set()
    for more in (["--dry-run"], BOTH, BOTH):
        done = migaudit("cleanup", "apply", plan_file, *azure, *more, "--format", "json")
        told |= {item["outcome"] for item in json.loads(done.out)["items"]}
    assert told == {"skipped", "deleted"}
