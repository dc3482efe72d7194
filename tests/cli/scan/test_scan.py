"""`scan` offline: what it shows, what it ends with, and what it says of bad input."""

import json
from pathlib import Path

import pytest

from auditor.cli.exit_codes import ExitCode
from auditor.cli.main import COMMANDS
from tests.cli.running import Run

MEGAN, ISAIAH = "meganb@contoso.com", "isaiahl@contoso.com"


@pytest.fixture(scope="module")
def world(fixtures: Path) -> Path:
    return fixtures / "contoso.yaml"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], ExitCode.FINDINGS),
        (["--fail-on", "critical"], ExitCode.CLEAN),
        (["--fail-on", "low"], ExitCode.FINDINGS),
        (["--fail-on", "never"], ExitCode.CLEAN),
        (["--fail-on", "never", "--strict"], ExitCode.UNDECIDED),
        (["--strict"], ExitCode.FINDINGS),
        (["--severity", "critical"], ExitCode.FINDINGS),
        (["--severity", "critical", "--fail-on", "never", "--strict"], ExitCode.UNDECIDED),
        (["--rule", "project-old-experience"], ExitCode.CLEAN),
        (["--rule", "project-old-experience", "--fail-on", "medium"], ExitCode.FINDINGS),
        (["--rule", "project-old-experience", "--strict"], ExitCode.CLEAN),
    ],
)
def test_exit_codes(migaudit: Run, world: Path, options: list[str], code: ExitCode) -> None:
    done = migaudit("scan", "--snapshot", world, "--account", ISAIAH, *options)
    assert done.code == code
    assert done.err == ""
    assert "read completely" in done.out


def findings(text: str) -> list[dict[str, object]]:
    document = json.loads(text)
    assert document["schema"] == "migaudit/scan/1"
    return document["findings"]  # type: ignore[no-any-return]


def test_error_narrows_to_the_rules_that_explain_it(migaudit: Run, world: Path) -> None:
    done = migaudit("scan", "--snapshot", world, "-a", ISAIAH, "--error", "60039", "--format", "json")
    found = findings(done.out)
    assert found
    assert all("60039" in finding["errors"] for finding in found)  # type: ignore[operator]


def test_all_verdicts_adds_what_passes(migaudit: Run, world: Path) -> None:
    less = findings(migaudit("scan", "--snapshot", world, "--format", "json").out)
    more = findings(migaudit("scan", "--snapshot", world, "--format", "json", "--all-verdicts").out)
    assert {finding["verdict"] for finding in less} <= {"fail", "unknown"}
    assert {"pass", "not_applicable"} <= {finding["verdict"] for finding in more}
    assert [one for one in more if one["verdict"] in ("fail", "unknown")] == less


def test_two_runs_are_the_same_byte_by_byte(migaudit: Run, world: Path) -> None:
    arguments = ("scan", "--snapshot", world, "-a", MEGAN, "-a", ISAIAH, "--format", "json", "--all-verdicts")
    assert migaudit(*arguments).out == migaudit(*arguments).out


def test_a_project_narrows_what_is_judged(migaudit: Run, world: Path) -> None:
    done = migaudit(
        "scan", "--snapshot", world, "-a", ISAIAH, "--project", "contoso-lab", "--format", "json", "--all-verdicts"
    )
    registrations = [one["subject"] for one in findings(done.out) if one["subject"]["kind"] == "registration"]  # type: ignore[index]
    assert registrations
    assert all("contoso-lab" in subject["id"].lower() for subject in registrations)  # type: ignore[index]


def test_at_another_time_a_certificate_has_ended(migaudit: Run, world: Path) -> None:
    rule = ("--rule", "appliance-certificate-expired", "--format", "json")
    now = findings(migaudit("scan", "--snapshot", world, *rule).out)
    later = findings(migaudit("scan", "--snapshot", world, *rule, "--at", "2036-01-01T00:00:00Z").out)
    assert len([one for one in now if one["verdict"] == "fail"]) < len(
        [one for one in later if one["verdict"] == "fail"]
    )


def test_a_missing_project_with_its_group_is_the_finding(migaudit: Run, world: Path) -> None:
    done = migaudit(
        *("scan", "--snapshot", world, "--project", "contoso-gone", "--resource-group", "rg-migrate-prod"),
        *("--error", "60039", "--format", "json"),
    )
    assert done.code == ExitCode.FINDINGS
    failing = {(one["rule"], str(one["subject"])) for one in findings(done.out) if one["verdict"] == "fail"}
    assert [rule for rule, subject in failing if "contoso-gone" in subject] == ["project-missing"]


def test_the_result_goes_to_a_file(migaudit: Run, world: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    done = migaudit("scan", "--snapshot", world, "--format", "json", "--output", target)
    assert done.out == ""
    assert done.err == f"wrote the result to `{target}`\n"
    assert findings(target.read_text())
    table = tmp_path / "out.txt"
    assert migaudit("scan", "--snapshot", world, "--output", table, "--quiet").err == ""
    assert "read completely" in table.read_text()


def test_verbose_shows_the_evidence(migaudit: Run, world: Path) -> None:
    assert "\n  seen   " in migaudit("scan", "--snapshot", world, "--verbose").out
    assert "\n  seen   " not in migaudit("scan", "--snapshot", world).out


LAB = "0d1e2c3b-4a59-4687-9b10-c0a050000002"


@pytest.mark.parametrize(
    "narrowing",
    [
        ("--subscription", LAB.upper()),
        ("--subscription", "contoso SHARED platform"),
        ("--management-group", "contoso-platform"),
    ],
)
def test_a_saved_scan_is_narrowed_to_a_subscription(migaudit: Run, world: Path, narrowing: tuple[str, str]) -> None:
    every = ("scan", "--snapshot", world, "--all-verdicts", "--format", "json")
    whole = {finding["subject"]["id"] for finding in json.loads(migaudit(*every).out)["findings"]}
    part = {finding["subject"]["id"] for finding in json.loads(migaudit(*every, *narrowing).out)["findings"]}
    assert part == {subject for subject in whole if "/subscriptions/" not in subject.lower() or LAB in subject}
    assert any(LAB in subject for subject in part)
    assert part < whole


@pytest.mark.parametrize("place", ["before", "after"])
def test_common_options_stand_anywhere(migaudit: Run, world: Path, place: str) -> None:
    command = ["scan", "--snapshot", world, "--fail-on", "never"]
    done = migaudit(*(["--verbose", *command] if place == "before" else [*command, "--verbose"]))
    assert "\n  seen   " in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no scope is named"),
        (["--snapshot", "WORLD", "--save-snapshot", "x.jsonl"], "`--snapshot` evaluates what was read before"),
        (
            ["--snapshot", "WORLD", "--subscription", "Contoso Shred"],
            "no such subscription: `Contoso Shred`; did you mean",
        ),
        (
            ["--snapshot", "WORLD", "--management-group", "contos"],
            "no such management group: `contos`; did you mean `cont",
        ),
        (["--snapshot", "WORLD", "--demo"], "`--snapshot` evaluates what was read before"),
        (["--all", "--subscription", "x"], "`--all` reads every subscription"),
        (["--demo", "--cloud", "AzureChinaCloud"], "`--demo` brings its own cloud"),
        (["--snapshot", "nowhere.jsonl"], "does not exist"),
        (["--snapshot", "WORLD", "--at", "yesterday"], "`--at yesterday` is not a time"),
        (
            ["--snapshot", "WORLD", "-a", "meganbe@contoso.com"],
            "no such account: `meganbe@contoso.com`; did you mean `mega",
        ),
        (["--snapshot", "WORLD", "-p", "contoso-labb"], "no such project: `contoso-labb`; did you mean `contoso-lab`"),
        (["--snapshot", "WORLD", "-p", "/subscriptions/"], "is not an ARM resource id"),
        (
            ["--snapshot", "WORLD", "-g", "rg-migrate-lap"],
            "no such resource group: `rg-migrate-lap`; did you mean `rg-mig",
        ),
        (["--snapshot", "WORLD", "--error", "60053"], "no such error: `60053`\nsee `migaudit explain`"),
        (
            ["--snapshot", "WORLD", "--rule", "project-mising"],
            "no such rule: `project-mising`; did you mean `project-missing`",
        ),
        (["--snapshot", "WORLD", "--rules", "nowhere"], "does not exist"),
        (["--snapshot", "WORLD", "--output", "nowhere/out.json"], "cannot write `--output nowhere/out.json`"),
        (["--all", "--save-snapshot", "nowhere/s.jsonl"], "cannot write `--save-snapshot nowhere/s.jsonl`"),
        (["--all", "--save-snapshot", "s.json"], "a snapshot's name ends with"),
        (["--all", "--save-snapshot", "s.jsonl", "--output", "./s.jsonl"], "name the same file"),
        (["--all", "--concurrency", "0"], "--concurrency"),
        (["--all", "--auth", "magic"], "--auth"),
        (["--all", "--cloud", "Mars"], "`Mars` is not a cloud: name one of AzureCloud"),
        (["--all", "--cloud", "http://127.0.0.1:1"], "give the https URL"),
    ],
)
def test_bad_input(
    migaudit: Run, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = migaudit("scan", *(str(world) if argument == "WORLD" else argument for argument in arguments))
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert done.err.startswith("error: ")
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_broken_rule_file_is_found_before_anything_is_read(migaudit: Run, tmp_path: Path) -> None:
    broken = tmp_path / "mine.yaml"
    broken.write_text(
        "id: mine\ntitle: Mine\nsubject: registration\nseverity: high\nmessage: m\nwhy: w\nsince: '1'\n"
        "fail_when: registration.can_registr\n"
    )
    done = migaudit("scan", "--all", "--cloud", "https://127.0.0.1:1", "--rules", tmp_path)
    assert done.code == ExitCode.USAGE
    assert done.err.startswith(f"error: {broken}:8:")
    assert "there is no fact `registration.can_registr`; did you mean `registration.can_register`?" in done.err


@pytest.mark.parametrize("keep", [1, 2, -1])
def test_a_truncated_snapshot_is_refused(migaudit: Run, world: Path, tmp_path: Path, keep: int) -> None:
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    assert migaudit("snapshot", "convert", world, whole, "-q").code == 0
    cut.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:keep]))
    done = migaudit("scan", "--snapshot", cut)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert f"{cut}:" in done.err
    assert "cut off" in done.err


def test_a_users_own_rule_is_evaluated_too(migaudit: Run, world: Path, tmp_path: Path) -> None:
    (tmp_path / "no-guests.yaml").write_text(
        "id: no-guests\ntitle: Guests take part\nsubject: account\nseverity: low\n"
        "message: '`{{ account.name }}` is a guest.'\nwhy: House rule.\nsince: '1'\nfail_when: account.guest\n"
    )
    done = migaudit("scan", "--snapshot", world, "--rules", tmp_path, "--rule", "no-guests")
    assert "no-guests\n" in done.out
    assert done.code == ExitCode.CLEAN


def test_every_command_is_known() -> None:
    assert set(COMMANDS) >= {"scan", "can", "who-can", "explain", "rules", "snapshot", "permissions", "emulate"}
