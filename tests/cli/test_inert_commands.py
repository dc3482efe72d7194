"""The law of inert output, over whole commands: an environment full of hostile names, whatever is asked about it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest

from auditor.cli.formats import FORMATS, WORKBOOK
from auditor.inventory.snapshot.files import load, save
from tests.cli.hostile_world import hostile_world
from tests.cli.running import Done, Run
from tests.cli.workbook_text import text_of
from tests.report.hostile_names import NAMES
from tests.report.steering import STEERING
from tests.sampling import sampled

pytestmark = pytest.mark.untraced

S = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
ISAIAH = "a5e70002-6b1c-4d2e-8f30-c0a050000002"


@pytest.fixture(scope="module")
def world(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "world.jsonl"
    save(hostile_world(load(fixtures / "contoso.yaml")), path)
    return path


def inert(done: Done, codes: Iterable[int] = (0, 1, 4), files: Iterable[Path] = ()) -> Done:
    assert done.code in codes, done.err
    for text in (done.out, done.err, *(file.read_bytes().decode() for file in files)):
        assert not STEERING.search(text.replace("\r\n", "\n"))
    return done


def test_the_world_is_hostile(world: Path) -> None:
    snapshot = load(world)
    text = b"".join([*(one.body for one in snapshot.arm), *(one.body for one in snapshot.graph)]).decode()
    assert all(json.dumps(name, ensure_ascii=False)[1:-1] in text for name in NAMES if name.isprintable())
    assert "\\u001b[2J" in text


def test_every_report_of_a_scan(migaudit: Run, world: Path, tmp_path: Path) -> None:
    files = {form: tmp_path / f"scan.{form}" for form in FORMATS}
    wanted = [word for form, file in files.items() for word in ("--format", f"{form}={file}")]
    done = migaudit("scan", "--snapshot", world, "--all-verdicts", "-v", *wanted)
    workbook = files.pop(WORKBOOK)
    inert(done, files=files.values())
    inert(replace(done, out=text_of(workbook)))
    assert len(json.loads(files["json"].read_text())["findings"]) > 50
    page = html5lib.parse(files["html"].read_text(encoding="utf-8"), namespaceHTMLElements=False)
    assert not [one for one in page.iter() if one.tag in {"img", "iframe", "object", "embed", "base"}]
    assert len(list(page.iter("script"))) == 2
    assert all(one.get("href", "#").startswith("#") for one in page.iter("a"))


@pytest.mark.parametrize("form", ["table", "json"])
@sampled(
    "asked",
    [
        ("can", "--account", ISAIAH, "--action", "Microsoft.Migrate/migrateProjects/write", "--scope", S),
        ("who-can", "--expand", "--action", "Microsoft.Migrate/migrateProjects/write", "--scope", S),
    ],
    one_in=3,
    ids=["can", "who-can"],
)
def test_answers(migaudit: Run, world: Path, asked: tuple[str, ...], form: str) -> None:
    done = inert(migaudit(*asked, "--snapshot", world, "--format", form))
    assert done.out


def test_preflight(migaudit: Run, world: Path, tmp_path: Path) -> None:
    held = [one.id for one in load(world).arm if one.type.lower() == "microsoft.migrate/migrateprojects"]
    assert len(held) > 2
    files = {form: tmp_path / f"preflight.{form}" for form in ("table", "json", "markdown", "html")}
    wanted = [word for form, file in files.items() for word in ("--format", f"{form}={file}")]
    for project in held:
        asked = ("--project", project, "--account", ISAIAH, "--who", *wanted, "-v")
        inert(migaudit("preflight", "--snapshot", world, *asked), files=files.values())


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_comparison(migaudit: Run, world: Path, fixtures: Path, form: str) -> None:
    done = inert(migaudit("diff", fixtures / "contoso.yaml", world, "--format", form, "-v"))
    assert "pilotvm01" in done.out


@pytest.mark.parametrize("form", ["table", "json"])
def test_what_a_snapshot_holds(migaudit: Run, world: Path, form: str) -> None:
    assert inert(migaudit("snapshot", "show", world, "--format", form)).out


def test_a_redacted_snapshot(migaudit: Run, world: Path, tmp_path: Path) -> None:
    inert(migaudit("snapshot", "redact", world, tmp_path / "redacted.yaml"), files=[tmp_path / "redacted.yaml"])


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_a_plan(migaudit: Run, world: Path, tmp_path: Path, form: str) -> None:
    plan = tmp_path / "plan.json"
    inert(migaudit("cleanup", "plan", "--snapshot", world, "--output", plan), files=[plan])
    inert(migaudit("cleanup", "show", plan, "--format", form, "-v"))
    for shell in ("bash", "powershell"):
        inert(migaudit("cleanup", "script", plan, "--shell", shell))


@sampled("name", NAMES, one_in=4, ids=range(len(NAMES)))
def test_what_is_typed_comes_back_inert_where_it_is_an_error(migaudit: Run, fixtures: Path, name: str) -> None:
    world = fixtures / "fabrikam.yaml"
    inert(migaudit("explain", name), (0, 2))  # a search by words may find something
    slips = (
        ("scan", "--snapshot", world, "--rule", name),
        ("scan", "--snapshot", world, "--format", name),
        ("scan", "--snapshot", world, "--project", name),
        ("scan", "--snapshot", world, "--account", name),
        ("can", "--snapshot", world, "--account", name, "--action", name, "--scope", name),
        ("config", "show", name),
    )
    for slip in slips:
        inert(migaudit(*slip), (2,))


def test_a_rule_file_is_data(migaudit: Run, tmp_path: Path) -> None:
    """Whoever hands somebody a rule file must not get to steer what they see when they look at it."""
    for number, name in enumerate(NAMES):
        (tmp_path / f"rule-{number}.yaml").write_text(f"id: {json.dumps(name)}\ntitle: {json.dumps(name)}\n")
        (tmp_path / f"text-{number}.yaml").write_bytes(name.encode())
    inert(migaudit("rules", "check", tmp_path), (2,))
    inert(migaudit("rules", "list", "--rules", tmp_path), (2,))
