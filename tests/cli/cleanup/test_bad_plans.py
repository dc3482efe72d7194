"""Plans that must not be applied, and tenants in which they must not: end to end, and they are never deleted."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from auditor.cleanup.plan_file import as_document, checksum_of
from auditor.inventory.reads import INTERRUPTED, Gap
from auditor.inventory.snapshot.files import save
from auditor.report.json_text import json_text
from tests.cleanup import leftovers as left
from tests.cli.cleanup.stage import BOTH, BUSY, EVERYTHING, FIRST, SECOND, Scene, journal_of, outcomes, scene, written
from tests.cli.running import Done, Run
from tests.test_own_file import PRECIOUS, link_to_a_file, pipe

COMMANDS = ["show", "script", "apply", "restore"]


@pytest.fixture(scope="module")
def here() -> Iterator[Scene]:
    """The small tenant; as nothing of these tests is to change it, one stands for all."""
    with pytest.MonkeyPatch.context() as environment, scene(environment) as served:
        yield served


def run(migaudit: Run, command: str, path: Path, here: Scene) -> Done:
    """Run a command over a plan with all that it needs to go through."""
    azure = here.azure if command in {"apply", "restore"} else ()
    return migaudit("cleanup", command, path, *azure, *(BOTH if command == "apply" else ()))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("cleanup-plan/1", "cleanup-plan/2"),
        lambda text: text.replace("left-1", "busy"),
        lambda text: text.replace('"action": "keep"', '"action": "delete"'),
        lambda text: text.replace("PerGB2018", "Free"),
        lambda _text: "",
    ],
    ids=["cut in half", "newer", "another name", "kept made deleted", "another field", "empty"],
)
def test_a_spoilt_plan_is_refused_by_every_command(
    migaudit: Run, here: Scene, tmp_path: Path, command: str, spoil: Callable[[str], str]
) -> None:
    path = written(tmp_path)
    path.write_text(spoil(path.read_text()))
    done = run(migaudit, command, path, here)
    assert (done.code, done.out) == (22, "")
    assert "refused" in done.err
    assert here.live == EVERYTHING


def forged(folder: Path, **changes: Any) -> Path:
    """A plan whose first item says something else, with a checksum that fits."""
    document = as_document(left.plan())
    first, *others = document["items"]
    document = {**document, "items": [{**first, **changes}, *others]}
    path = folder / "plan.json"
    path.write_text(json_text({**document, "checksum": checksum_of(document)}), encoding="utf-8")
    return path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "identity",
    [
        f"{left.RG}/{left.OI}/x; az group delete -n rg-left",
        f"{left.RG}/{left.OI}/$(id)",
        f"{left.RG}/{left.OI}/`id`",
        f"{left.RG}/{left.OI}/x' --force '",
        f"{left.RG}/{left.OI}/left-1?force=true",
        f"{left.RG}/{left.OI}/../left-1",
        f"{left.S}/resourceGroups/../{left.OI}/left-1",
        f"{left.RG}/{left.OI}/%2e%2e/left-1",
        f"{left.RG}/providers/Microsoft.KeyVault/vaults/kv",
        left.RG,
        left.S,
    ],
)
def test_an_id_that_is_none_of_a_workspace_is_refused_though_the_checksum_fits(
    migaudit: Run, here: Scene, tmp_path: Path, command: str, identity: str
) -> None:
    done = run(migaudit, command, forged(tmp_path, id=identity), here)
    assert (done.code, done.out) == (22, "")
    assert "must not" in done.err
    assert here.live == EVERYTHING


def test_the_id_of_another_workspace_with_a_fitting_checksum_changes_nothing(
    migaudit: Run, here: Scene, tmp_path: Path
) -> None:
    path = forged(tmp_path, id=BUSY, name="busy")
    done = migaudit("cleanup", "apply", path, *here.azure, "--only", BUSY, "--yes", "--format", "json")
    assert (done.code, outcomes(done)) == (20, {"busy": "changed"})
    assert here.live == EVERYTHING


def test_nor_does_one_that_claims_to_be_that_workspace(migaudit: Run, here: Scene, tmp_path: Path) -> None:
    rests_on = {**left.item(left.plan(), "left-2").rests_on, "customerId": left.customer(3)}
    path = forged(tmp_path, id=BUSY, name="busy", rests_on=rests_on)
    done = migaudit("cleanup", "apply", path, *here.azure, "--only", BUSY, "--yes", "--format", "json")
    assert (done.code, outcomes(done)) == (20, {"busy": "changed"})
    assert here.live == EVERYTHING


def test_a_workspace_outside_what_the_plan_looked_at_is_not_touched(migaudit: Run, here: Scene, tmp_path: Path) -> None:
    elsewhere = f"/subscriptions/{left.TENANT}/resourceGroups/rg/{left.OI}/other"
    path = forged(tmp_path, id=elsewhere, name="other")
    done = migaudit("cleanup", "apply", path, *here.azure, "--only", elsewhere, "--yes", "--format", "json")
    assert done.code in {20, 22}
    assert set(outcomes(done).values()) <= {"refused", "changed", "gone"}
    assert here.live == EVERYTHING


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"created_at": datetime.now(UTC) - timedelta(hours=25)}, 20, "make it again"),
        ({"created_at": datetime.now(UTC) + timedelta(hours=1)}, 20, "future"),
        ({"tenant_id": left.SUBSCRIPTION}, 22, left.SUBSCRIPTION),
        ({"cloud": "AzureUSGovernment"}, 22, "AzureUSGovernment"),
        ({"partial": ("the scan was stopped before 3 lists were read",)}, 22, "partial"),
    ],
    ids=["stale", "future", "tenant", "cloud", "partial"],
)
def test_a_plan_of_another_time_or_place_is_refused(
    migaudit: Run, here: Scene, tmp_path: Path, changes: dict[str, Any], code: int, says: str
) -> None:
    path = written(tmp_path, replace(left.plan(), **changes))
    done = run(migaudit, "apply", path, here)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert here.live == EVERYTHING
    assert journal_of(path) == ""


def test_an_older_plan_can_be_allowed(migaudit: Run, here: Scene, tmp_path: Path) -> None:
    path = written(tmp_path, left.plan(made=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=25)))
    rehearsed = migaudit("cleanup", "apply", path, *here.azure, "--dry-run", "--max-age", "26h", "--format", "json")
    assert (rehearsed.code, set(outcomes(rehearsed).values())) == (0, {"would_be_deleted"})


def test_a_scan_that_was_stopped_makes_a_plan_that_can_only_be_shown(
    migaudit: Run, here: Scene, tmp_path: Path
) -> None:
    save(left.tenant(gaps=[Gap("Microsoft.KeyVault/vaults", left.S, 0, INTERRUPTED, "stopped")]), tmp_path / "s.jsonl")
    path = tmp_path / "plan.json"
    shown = migaudit("cleanup", "plan", "--snapshot", tmp_path / "s.jsonl", "-o", path)
    assert "PARTIAL" in shown.out
    assert migaudit("cleanup", "script", path).code == 22
    assert run(migaudit, "apply", path, here).code == 22
    assert here.live == EVERYTHING


def test_the_journal_of_another_plan_is_refused(migaudit: Run, here: Scene, tmp_path: Path) -> None:
    path = written(tmp_path)
    path.with_name("plan.json.journal.jsonl").write_text(
        '{"journal":"migaudit/cleanup-journal/1","plan":"sha256:0","at":"2026-11-23T10:00:00Z"}\n'
    )
    for command in ("apply", "restore"):
        done = run(migaudit, command, path, here)
        assert (done.code, "another plan" in done.err) == (22, True)
    assert here.live == EVERYTHING


def test_created_anew_under_the_same_name_it_is_another_workspace(
    migaudit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = written(tmp_path)
    with scene(monkeypatch) as there:
        there.somebody.purge(SECOND)
        there.somebody.create(SECOND)
        now = there.live
        assert now[SECOND.lower()] != left.customer(2)
        done = migaudit("cleanup", "apply", path, *there.azure, *BOTH, "--format", "json")
        assert (done.code, outcomes(done)) == (20, {"left-2": "changed", "left-1": "deleted"})
        assert there.live == {one: now[one] for one in now if one != FIRST.lower()}


def test_what_is_refused_can_be_read_by_machines(migaudit: Run, here: Scene, tmp_path: Path) -> None:
    path = forged(tmp_path, id=BUSY, name="busy")
    done = migaudit("cleanup", "apply", path, *here.azure, "--only", BUSY, "--yes", "--format", "json")
    document = json.loads(done.out)
    assert (document["schema"], document["end"]) == ("migaudit/cleanup-result/1", "stale")
    assert "another workspace" in " ".join(document["items"][0]["why"])


@pytest.mark.parametrize("beside", ["lock", "journal.jsonl"])
@pytest.mark.parametrize("lay", [link_to_a_file, pipe], ids=["a link", "a pipe"])
@pytest.mark.parametrize("command", ["apply", "restore"])
def test_what_somebody_laid_beside_the_plan_is_refused_and_left_as_it_is(
    command: str, beside: str, lay: Callable[[Path], None], migaudit: Run, here: Scene, tmp_path: Path
) -> None:
    path = written(tmp_path)
    laid = path.with_name(f"{path.name}.{beside}")
    lay(laid)
    done = run(migaudit, command, path, here)
    assert done.code == 22
    assert laid.name in done.err
    precious = laid.with_name("precious")
    assert not precious.exists() or precious.read_bytes() == PRECIOUS
    assert here.live == EVERYTHING


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["created_at", "read_at"])
def test_a_resealed_plan_without_a_time_zone_is_refused_with_its_line(
    name: str, command: str, migaudit: Run, here: Scene, tmp_path: Path
) -> None:
    path = written(tmp_path)
    document = json.loads(path.read_text())
    document[name] = document[name].removesuffix("Z").removesuffix("+00:00")
    document["checksum"] = checksum_of(document)
    path.write_text(json.dumps(document, indent=2))
    line = next(at for at, text in enumerate(path.read_text().splitlines(), 1) if f'"{name}"' in text)
    done = run(migaudit, command, path, here)
    assert done.code == 2
    assert f"{path.name}:{line}:" in done.err
    assert "time zone" in done.err


@pytest.mark.parametrize("value", ["9" * 6_000, "[" * 50_000 + "]" * 50_000, '"\\ud800"'])
def test_a_plan_that_holds_what_nothing_can_hold_is_refused(value: str, migaudit: Run, tmp_path: Path) -> None:
    path = written(tmp_path)
    text = path.read_text().rstrip().removesuffix("}").rstrip()
    path.write_text(f'{text}, "odd": {value}}}')
    done = migaudit("cleanup", "show", path)
    assert done.code == 22
    assert path.name in done.err


def test_a_plan_that_is_a_pipe_is_refused_at_once(migaudit: Run, tmp_path: Path) -> None:
    pipe(tmp_path / "plan.json")
    done = migaudit("cleanup", "show", tmp_path / "plan.json")
    assert done.code in {2, 22}
    assert "plan.json" in done.err
