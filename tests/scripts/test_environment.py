"""The set-up of environments: locks are installed unchanged whatever the index offers; half-made is never ready."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Thread

import pytest

from scripts import environment as module
from scripts.environment import Environment, Layer, environ, main, set_up
from scripts.environment_failures import SetUpFailed
from tests.sampling import sampled
from tests.scripts.package_index import Index

TOP = Path(__file__).resolve().parents[2]
WHEELS = Path(sys.prefix) / "wheels"
OLD, NEW = (
    next(line.partition("==")[2].split()[0] for line in (TOP / "requirements" / lock).read_text().splitlines())
    for lock in ("old-pip.txt", "pip.txt")
)
NOBODY_LISTENS = "http://127.0.0.1:9/"


def use_only(index: Index, patch: pytest.MonkeyPatch) -> None:
    """Make pip use this index and no settings of the machine."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        patch.delenv(name)
    settings = {"PIP_INDEX_URL": index.url, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
    for name, value in settings.items():
        patch.setenv(name, value)


def gone_on(index: Index) -> str:
    """Return a lock after publishing to the index a newer release of a package that is required with an extra."""
    pins = index.publish("thing", "1.0", "Provides-Extra: toml")
    pins += index.publish("holder", "1.0", "Requires-Dist: thing[toml]>=1.0")
    index.publish("thing", "2.0", "Provides-Extra: toml")
    return pins


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    made = Index(tmp_path / "index")
    use_only(made, monkeypatch)
    return made


@pytest.fixture
def lock(index: Index, tmp_path: Path) -> Path:
    path = tmp_path / "lock.txt"
    path.write_text(gone_on(index), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pips(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return environments that contain only a pip of a version, each made once, to be copied."""

    @cache
    def made(version: str) -> Path:
        folder = tmp_path_factory.mktemp("pip") / "venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        (wheel,) = WHEELS.glob(f"pip-{version}-*.whl")
        installer = [str(Environment(folder).python), f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)]
        subprocess.run(installer, check=True, stdout=subprocess.DEVNULL)
        return folder

    return made


@pytest.fixture
def with_pip(pips: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Environment]:
    """Return what makes an environment for one test that contains only a pip of a version."""

    def copied(version: str) -> Environment:
        shutil.copytree(pips(version), tmp_path / "venv", symlinks=True)
        return Environment(tmp_path / "venv")

    return copied


def ask(environment: Environment, code: str) -> str:
    return subprocess.run(
        [str(environment.python), "-I", "-c", code], check=True, capture_output=True, encoding="utf-8"
    ).stdout.strip()


def installed(environment: Environment) -> dict[str, str]:
    listed = "print(json.dumps({one.name: one.version for one in metadata.distributions()}))"
    versions: dict[str, str] = json.loads(ask(environment, f"import json; from importlib import metadata; {listed}"))
    return {name: version for name, version in versions.items() if name not in {"pip", "setuptools"}}


@sampled("pip", [NEW, OLD], one_in=2)
def test_the_versions_of_the_lock_are_installed(pip: str, lock: Path, with_pip: Callable[[str], Environment]) -> None:
    environment = with_pip(pip)
    environment.install((lock,))
    assert installed(environment) == {"thing": "1.0", "holder": "1.0"}
    assert ask(environment, "import thing; print(thing.version)") == "1.0"


@pytest.mark.exhaustive
def test_an_old_pip_that_is_left_to_resolve_the_same_lock_fails(
    lock: Path, with_pip: Callable[[str], Environment]
) -> None:
    """With the index above, an installation without `--no-deps` does go wrong."""
    environment = with_pip(OLD)
    command = [str(environment.python), "-m", "pip", "install", "--require-hashes", "-r", str(lock)]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 1
    assert "must have their versions pinned with ==" in ended.stderr
    assert "thing[toml]>=1.0" in ended.stderr


@pytest.mark.exhaustive
def test_what_the_lock_does_not_hold_is_never_fetched(
    index: Index, tmp_path: Path, with_pip: Callable[[str], Environment]
) -> None:
    lock = tmp_path / "lock.txt"
    index.publish("thing", "1.0")
    lock.write_text(index.publish("holder", "1.0", "Requires-Dist: thing>=1.0"), encoding="utf-8")
    environment = with_pip(NEW)
    with pytest.raises(SetUpFailed, match=r"holder 1\.0 requires thing, which is not installed"):
        environment.install((lock,))


def test_a_file_that_is_not_the_pinned_one_is_refused(
    index: Index, lock: Path, with_pip: Callable[[str], Environment]
) -> None:
    index.publish("holder", "1.0", "Requires-Dist: thing[toml]>=1.0", text="print('not what was pinned')\n")
    environment = with_pip(NEW)
    with pytest.raises(SetUpFailed, match="gave another file than the one that is pinned"):
        environment.install((lock,))
    assert installed(environment) == {}


@pytest.mark.exhaustive
def test_settings_of_the_shell_do_not_change_what_is_installed(
    lock: Path, tmp_path: Path, with_pip: Callable[[str], Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    constraint, shadow = tmp_path / "constraint.txt", tmp_path / "shadow"
    constraint.write_text("thing==2.0\n", encoding="utf-8")
    (shadow / "thing-9.dist-info").mkdir(parents=True)
    (shadow / "thing-9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 9\n")
    environment = with_pip(NEW)
    settings = {"USER": "1", "NO_BINARY": ":all:", "TARGET": "/nowhere/else", "REQUIRE_HASHES": "1", "NO_DEPS": "0"}
    for name, value in {**settings, "CONSTRAINT": str(constraint)}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("PYTHONPATH", str(shadow))
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    configured = tmp_path / "pip.conf"
    configured.write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\nuser = true\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configured))
    environment.install((lock,))
    monkeypatch.delenv("PYTHONHOME")
    assert installed(environment) == {"thing": "1.0", "holder": "1.0"}


def test_how_to_reach_the_index_stays_the_matter_of_the_machine() -> None:
    reach = {"PIP_INDEX_URL": "https://mirror.example/simple", "PIP_CERT": "/ca.pem", "HTTPS_PROXY": "http://p:1"}
    assert environ(reach | {"PIP_NO_DEPS": "0", "PYTHONPATH": "x"}) == reach | environ({})


# ----------------------------------------------------------------------------------------- from start to end, by layers


RUN = {"thing": "1.0", "holder": "1.0"}
ALL = {**RUN, "tool": "1.0"}


@dataclass(frozen=True)
class Project:
    """A repository with two layers: what runs, with its installer, and a tool on top."""

    top: Path
    index: Index

    @property
    def environment(self) -> Environment:
        return Environment(self.top / ".venv")

    def lock(self, name: str) -> Path:
        return self.top / "requirements" / name

    def set_as_the_real_one(self, patch: pytest.MonkeyPatch) -> None:
        use_only(self.index, patch)
        layers = {
            "run": Layer(".venv", "what runs", ("runtime.txt",)),
            "dev": Layer(".venv", "the tools", ("dev.txt",), kept=("pip.txt",), below="run"),
        }
        for name, value in {"TOP": self.top, "REQUIREMENTS": self.top / "requirements", "LAYERS": layers}.items():
            patch.setattr(module, name, value)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with both layers set up from nothing, and keep a copy beside it."""
    folder = tmp_path_factory.mktemp("set up")
    project = Project(folder / "a folder, with blanks", Index(folder / "index"))
    project.lock("").mkdir(parents=True)
    (pip,) = WHEELS.glob(f"pip-{NEW}-*.whl")
    project.index.add("pip", pip)
    shutil.copy(TOP / "requirements" / "pip.txt", project.lock("pip.txt"))
    project.lock("runtime.txt").write_text(gone_on(project.index), encoding="utf-8")
    project.lock("dev.txt").write_text(project.index.publish("tool", "1.0", "Requires-Dist: thing"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        project.set_as_the_real_one(patch)
        set_up("run")
        assert installed(project.environment) == RUN
        set_up("dev")
    shutil.copytree(project.top, folder / "as it was", symlinks=True)
    return project


def _copied(source: str, target: str) -> None:
    """Copy a file, or link it where it is a part of pip, which nothing writes into."""
    (os.link if f"{os.sep}pip{os.sep}" in source else shutil.copy2)(source, target)


@pytest.fixture
def ready(made: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return the project restored from that copy, for a test to change."""
    shutil.rmtree(made.top)
    shutil.copytree(made.top.parent / "as it was", made.top, symlinks=True, copy_function=_copied)
    made.set_as_the_real_one(monkeypatch)
    return made


def without_second_layer(project: Project) -> None:
    record = project.environment.folder / ".ready.json"
    known = json.loads(record.read_text(encoding="utf-8"))
    del known["layers"]["dev"]
    record.write_text(json.dumps(known), encoding="utf-8")
    listed = [str(path) for path in project.environment.folder.glob("lib/*/site-packages/tool*")]
    assert len(listed) == 2
    for path in listed:
        shutil.rmtree(path) if Path(path).is_dir() else Path(path).unlink()


def test_both_layers_stand_installed_by_the_pinned_pip(ready: Project) -> None:
    assert installed(ready.environment) == ALL
    assert ask(ready.environment, "import pip; print(pip.__version__)") == NEW
    assert [wheel.name for wheel in (ready.environment.folder / "wheels").iterdir()] == [f"pip-{NEW}-py3-none-any.whl"]
    assert not (ready.environment.folder / ".downloads").exists()


def test_what_stands_is_not_touched_and_nothing_is_said(ready: Project, capfd: pytest.CaptureFixture[str]) -> None:
    before = ready.environment.log.read_bytes()
    set_up("dev")
    set_up("run", Path(sys.executable))
    assert capfd.readouterr() == ("", "")
    assert ready.environment.log.read_bytes() == before


@pytest.mark.exhaustive
def test_what_is_said_is_one_line(ready: Project, capfd: pytest.CaptureFixture[str]) -> None:
    without_second_layer(ready)
    set_up("dev")
    assert capfd.readouterr() == ("", "setting up .venv: the tools (once, a minute or less)\n")
    assert installed(ready.environment) == ALL


@pytest.mark.exhaustive
def test_without_a_network_the_first_layer_stays_ready_and_the_second_follows_later(
    ready: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_second_layer(ready)
    monkeypatch.setenv("PIP_INDEX_URL", NOBODY_LISTENS)
    with pytest.raises(SetUpFailed, match="the package index could not be reached"):
        set_up("dev")
    set_up("run")
    assert installed(ready.environment) == RUN
    monkeypatch.setenv("PIP_INDEX_URL", ready.index.url)
    set_up("dev")
    assert installed(ready.environment) == ALL


@pytest.mark.exhaustive
def test_an_installation_that_did_not_end_is_made_anew_with_nothing_left_of_it(
    ready: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    (packages,) = ready.environment.folder.glob("lib/*/site-packages")
    (packages / "thing.py").unlink()
    (packages / "rest.py").touch()
    (ready.environment.folder / ".unfinished").touch()
    set_up("run")
    assert "making .venv anew: its last set-up did not end\n" in capfd.readouterr().err
    assert installed(ready.environment) == RUN
    assert ask(ready.environment, "import thing; print(thing.version)") == "1.0"
    assert not (packages / "rest.py").exists()


@pytest.mark.exhaustive
def test_what_fails_while_it_installs_does_not_pass_for_ready(ready: Project) -> None:
    without_second_layer(ready)
    wrong = ready.index.publish("other", "1.0", "Requires-Dist: absent")
    ready.lock("dev.txt").write_text(wrong, encoding="utf-8")
    with pytest.raises(SetUpFailed, match=r"other 1\.0 requires absent"):
        set_up("dev")
    assert ready.environment.fault(None) == "its last set-up did not end"


def changed_lock(project: Project) -> None:
    project.lock("runtime.txt").write_text(project.index.publish("other", "3.0"), encoding="utf-8")


def broken_python(project: Project) -> None:
    project.environment.python.unlink()
    project.environment.python.symlink_to("/nowhere/python")


def in_record(old: str, new: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        record = project.environment.folder / ".ready.json"
        text = record.read_text(encoding="utf-8")
        assert old in text
        record.write_text(text.replace(old, new), encoding="utf-8")

    return change


@sampled(
    "spoil, fault",
    [
        (changed_lock, "what it is made from has changed"),
        (broken_python, "its Python does not run any more"),
        (in_record("a folder, with blanks", "its old name"), "its record is not valid: it was made as "),
        (in_record('"python": "3', '"python": "2'), "its record is not valid: it was made by Python 2"),
        (in_record('"layers": {', '"layers": '), "its record is not valid: "),
        (in_record('"folder"', '"place"'), "its record is not valid: "),
        (in_record('"dev"', '"gone"'), "what it is made from has changed"),
    ],
    one_in=4,
)
def test_an_environment_that_no_longer_fits_is_known(
    spoil: Callable[[Project], None], fault: str, ready: Project
) -> None:
    assert ready.environment.fault(None) is None
    spoil(ready)
    assert str(ready.environment.fault(None)).startswith(fault)


def test_another_python_is_known_where_it_is_asked_for(ready: Project) -> None:
    assert ready.environment.fault(Path(sys.executable)) is None
    assert ready.environment.fault(Path("/bin/false")) == "another Python was asked for"


@sampled("is_environment", [True, False], one_in=2)
def test_a_folder_of_somebody_else_is_left_alone(is_environment: bool, ready: Project) -> None:
    folder = ready.environment.folder
    shutil.rmtree(folder)
    folder.mkdir()
    if is_environment:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (folder / "their work").write_text("kept", encoding="utf-8")
    with pytest.raises(SetUpFailed, match=r"`\.venv` exists and is not one that make has made"):
        set_up("run")
    assert (folder / "their work").read_text(encoding="utf-8") == "kept"


@sampled("dangling", [True, False], one_in=2)
def test_a_link_is_left_alone_with_what_it_leads_to(dangling: bool, ready: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    if not dangling:
        elsewhere.mkdir()
        (elsewhere / "their work").write_text("kept", encoding="utf-8")
    shutil.rmtree(ready.environment.folder)
    ready.environment.folder.symlink_to(elsewhere)
    with pytest.raises(SetUpFailed, match=r"`\.venv` is a symbolic link"):
        set_up("run")
    assert [path.name for path in elsewhere.glob("*")] == ([] if dangling else ["their work"])


@pytest.mark.exhaustive
def test_the_wheels_that_are_only_kept_come_before_anything_is_installed(ready: Project) -> None:
    without_second_layer(ready)
    pin = ready.lock("pip.txt")
    whole = pin.read_text(encoding="utf-8")
    shutil.rmtree(ready.environment.folder / "wheels")
    ready.lock("other-pip.txt").write_text(whole.replace("sha256:", "sha256:0000")[: -len("0000")], encoding="utf-8")
    layers = module.LAYERS
    layers["dev"] = replace(layers["dev"], kept=("other-pip.txt",))
    with pytest.raises(SetUpFailed):
        set_up("dev")
    assert ready.environment.fault(None) is None
    assert installed(ready.environment) == RUN


@pytest.mark.exhaustive
def test_a_project_file_that_cannot_be_read_is_said_so(ready: Project) -> None:
    layers = module.LAYERS
    layers["run"] = replace(layers["run"], project=True)
    (ready.top / "pyproject.toml").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    with pytest.raises(SetUpFailed, match=r"pyproject\.toml cannot be read"):
        set_up("run")


@pytest.mark.exhaustive
def test_a_second_run_waits_for_the_first(ready: Project, capfd: pytest.CaptureFixture[str]) -> None:
    with ready.environment.alone():
        second = Thread(target=set_up, args=("run",))
        second.start()
        said = ""
        while "waiting for another make that is setting up .venv" not in said:
            said += capfd.readouterr().err
    second.join()


@pytest.fixture
def set_up_dev(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    monkeypatch.setattr(sys, "argv", ["environment", "dev"])
    return main


@pytest.mark.exhaustive
def test_a_failure_shows_cause_cure_and_the_last_lines(
    set_up_dev: Callable[[], int], ready: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    without_second_layer(ready)
    monkeypatch.setenv("PIP_INDEX_URL", NOBODY_LISTENS)
    assert set_up_dev() == 1
    said = capfd.readouterr().err.splitlines()
    assert said[1] == ".venv could not be set up: the package index could not be reached"
    assert said[2].startswith("  what to do: check the network")
    assert said[3] == "  the end of .venv/set-up.log:"
    assert any("No matching distribution found for pip" in line for line in said[4:])
    assert all(line.startswith("  | ") for line in said[4:])


def test_what_the_system_refuses_is_said_in_words(
    set_up_dev: Callable[[], int], ready: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(ready.environment.folder)
    ready.environment.folder.write_text("a file, not a folder", encoding="utf-8")
    assert set_up_dev() == 1
    said = capfd.readouterr().err
    assert said.startswith(".venv could not be set up: ")
    assert "File exists" in said


def test_an_interrupted_run_says_how_to_go_on(
    set_up_dev: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "set_up", interrupted)
    assert set_up_dev() == 130
    assert capfd.readouterr().err == "interrupted; run make again and it continues\n"


@pytest.mark.parametrize("python", ["false", "/nowhere/python3"])
def test_make_names_the_python_that_it_needs(python: str) -> None:
    command = ["make", "--no-print-directory", f"PYTHON={python}", "setup"]
    ended = subprocess.run(command, cwd=TOP, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("this needs Python 3.11 to 3.14; say where it is: make PYTHON=/path/to/python3\n")
