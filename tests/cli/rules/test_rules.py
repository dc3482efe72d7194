"""The rule book on the command line: listed, checked, explained."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from auditor.audit.catalogue import CatalogueEntry, catalogue
from auditor.audit.rules.book import load_rules
from auditor.cli.exit_codes import ExitCode
from auditor.data import rules_dir
from tests.cli.running import Run

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
MINE = """\
id: mine
title: Guests take part
subject: account
severity: low
message: "`{{ account.name }}` is a guest."
why: House rule.
since: "1"
fail_when: account.guest
"""


def test_list_names_every_rule(migaudit: Run) -> None:
    rules = load_rules(rules_dir())
    lines = migaudit("rules", "list").out.splitlines()
    assert {line.split()[0] for line in lines[1 : len(rules) + 1]} == {rule.id for rule in rules}
    assert lines[len(rules) + 1].startswith(f"{len(rules)} rules (")


def test_what_is_piped_has_every_title_and_every_error(migaudit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    shown = {line.split()[0]: line for line in migaudit("rules", "list").out.splitlines()}
    for rule in load_rules(rules_dir()):
        assert rule.title in shown[rule.id]
        assert shown[rule.id].endswith(", ".join(rule.errors))


def test_list_as_json_is_the_published_shape(migaudit: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE)
    document = json.loads(migaudit("rules", "list", "--rules", tmp_path, "--format", "json").out)
    Draft202012Validator(json.loads((SCHEMAS / "rules-1.json").read_text(encoding="utf-8"))).validate(document)
    ids = [rule["id"] for rule in document["rules"]]
    assert "mine" in ids
    assert ids == sorted(ids)


def test_the_rule_book_has_no_mistake(migaudit: Run) -> None:
    done = migaudit("rules", "check", rules_dir())
    assert (done.code, done.out) == (ExitCode.CLEAN, "")
    assert "no mistake found" in done.err


@pytest.mark.parametrize("command", [("rules", "check"), ("scan", "--demo", "--rules"), ("rules", "list", "--rules")])
def test_a_folder_without_rule_files_is_a_mistake(migaudit: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "mine.json").write_text("{}")
    done = migaudit(*command, tmp_path)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "contains no rule file (.yaml or .yml)" in done.err


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("account.guest\n", "account.gest\n", "did you mean `account.guest`?"),
        ("account.guest\n", "account.name\n", "the condition is a string, but must be a bool"),
        ("account.name }}", "account.nam }}", "there is no fact `account.nam`; did you mean `account.name`?"),
        ("severity: low", "severity: lo", "`lo` is none of"),
        ("title: Guests take part\n", "", "a rule lacks `title`"),
        ("id: mine", "id: theirs", "must be the file's name"),
        ("why:", "y:", "a rule has no field `y`"),
        ("subject: account", "subject: [account", "not YAML"),
    ],
)
def test_every_mistake_has_its_place(migaudit: Run, tmp_path: Path, before: str, after: str, said: str) -> None:
    mine, other = tmp_path / "mine.yaml", tmp_path / "other.yaml"
    mine.write_text(MINE.replace(before, after))
    other.write_text(MINE)
    done = migaudit("rules", "check", mine, other)
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    *mistakes, last = done.err.removeprefix("error: ").splitlines()
    assert all(one.startswith(f"{mine}:") for one in mistakes)
    assert [one for one in mistakes if said in one]
    assert last.startswith(f"{other}:1:5: ")


def test_explain_an_error(migaudit: Run) -> None:
    done = migaudit("explain", "60025", "--verbose")
    assert done.code == ExitCode.CLEAN
    assert "conditions that can be seen in Azure can cause it" in " ".join(done.out.split())
    assert "application-missing (high)" in done.out
    assert "not-application-owner (high)" in done.out
    assert "$ az ad app owner add --id <application>" in done.out
    assert done.out.index("(can lose") > done.out.index("$ az ad app owner add")


def test_an_error_with_many_fixes_ends_with_the_commands_that_show_them(migaudit: Run) -> None:
    short, whole = migaudit("explain", "60030").out, migaudit("explain", "60030", "--verbose").out
    assert "(can lose" not in short
    assert "$ az" not in short
    *_, count, everything, one, asked = (line.split("  ")[0] for line in short.splitlines())
    assert f"  {count.split()[0]}. " in whole
    assert f"  {int(count.split()[0]) + 1}. " not in whole
    for command in (everything, one):
        assert migaudit(*command.split()[1:]).code == ExitCode.CLEAN
    assert migaudit(*everything.split()[1:]).out == whole
    assert asked == "migaudit why 60030 --subscription NAME"
    assert migaudit("explain", "60030", "--quiet").out.endswith(" are described in full with `--verbose`\n")


def test_an_error_with_few_fixes_shows_them(migaudit: Run) -> None:
    assert migaudit("explain", "60028").out == migaudit("explain", "60028", "--verbose").out


@pytest.mark.parametrize("name", ["802", "clock skew", "OVF", "portal-network-log"])
def test_explain_what_azure_does_not_show(migaudit: Run, name: str) -> None:
    done = migaudit("explain", *name.split())
    assert done.code == ExitCode.CLEAN
    assert "What to do" in done.out
    assert "can be seen in Azure" not in done.out


ENTRIES = catalogue().entries
ASKABLE = [entry for entry in ENTRIES if entry.rules]
UNASKABLE = [entry for entry in ENTRIES if not entry.rules]


@pytest.mark.parametrize("entry", ASKABLE, ids=lambda entry: entry.id)
def test_explain_names_the_scan_that_asks_every_rule_it_lists(
    migaudit: Run, fixtures: Path, entry: CatalogueEntry
) -> None:
    shown = " ".join(migaudit("explain", entry.title).out.split())
    promised = shown.partition("`migaudit scan --error ")[2].partition("`")[0]
    scan = ("scan", "--error", promised, "--snapshot", fixtures / "fabrikam.yaml", "--format", "json")
    document = json.loads(migaudit(*scan).out)
    assert set(document["rules"]) == set(entry.rules)


@pytest.mark.parametrize("entry", UNASKABLE, ids=lambda entry: entry.id)
def test_explain_promises_no_scan_where_azure_shows_no_cause_and_a_scan_says_so(
    migaudit: Run, fixtures: Path, entry: CatalogueEntry
) -> None:
    assert "scan --error" not in migaudit("explain", entry.title).out
    done = migaudit("scan", "--snapshot", fixtures / "fabrikam.yaml", "--error", entry.names[-1])
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    reason = "no rule judges single machines; `migaudit readiness`" if entry.is_counted else "Azure does not show it"
    assert f"no scan can find the cause of `{entry.names[-1]}`: {reason}" in done.err
    assert f"`migaudit explain {entry.id}`" in done.err


def test_an_error_that_nobody_knows_is_no_scan(migaudit: Run, fixtures: Path) -> None:
    done = migaudit("scan", "--snapshot", fixtures / "fabrikam.yaml", "--error", "60053")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "no such error: `60053`" in done.err
    assert "60052" not in done.err


@pytest.mark.parametrize(
    "name", ["1039", "InsufficientPermissionsOnKeyVault", " forbidden TO access key vault.", "Error ID: 60030"]
)
def test_a_scan_takes_an_error_however_it_is_called(migaudit: Run, fixtures: Path, name: str) -> None:
    document = json.loads(
        migaudit("scan", "--snapshot", fixtures / "fabrikam.yaml", "--error", name, "--format", "json").out
    )
    assert {"vault-network-closed", "vault-access-missing"} <= set(document["rules"])


def test_explain_a_rule(migaudit: Run) -> None:
    shown = migaudit("explain", "Project-Old-Experience").out
    assert "The project was created with the old experience" in shown
    assert "causes An existing project cannot be found in the portal; project-not-found-in-portal" in " ".join(
        shown.split()
    )
    assert "{{" not in shown


def test_explain_alone_lists_everything(migaudit: Run) -> None:
    shown = migaudit("explain").out
    for entry in catalogue().entries:
        assert f"  {entry.id}  " in shown
    for rule in load_rules(rules_dir()):
        assert f"  {rule.id}  " in shown


@pytest.mark.parametrize("arguments", [(), ("60052",), ("802",), ("application-missing",)])
def test_explain_as_json_is_the_published_shape(migaudit: Run, arguments: tuple[str, ...]) -> None:
    document = json.loads(migaudit("explain", *arguments, "--format", "json").out)
    Draft202012Validator(json.loads((SCHEMAS / "explain-1.json").read_text(encoding="utf-8"))).validate(document)
    assert document["entries"]
    causes = [cause for one in document["entries"] for cause in one["causes"]]
    assert all(cause["visible"] == bool(cause["rules"] or cause["counted"]) for cause in causes)
    assert all(cause["visible"] != bool(cause["why_not_visible"]) for cause in causes)


def test_explain_an_error_that_only_a_rule_of_mine_knows(migaudit: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE + 'errors: ["4711"]\n')
    assert migaudit("explain", "4711").code == ExitCode.USAGE
    shown = migaudit("explain", "4711", "--rules", tmp_path).out
    assert "Guests take part" in shown
    assert "House rule." in shown


def test_explain_what_nobody_knows(migaudit: Run) -> None:
    done = migaudit("explain", "60053")
    assert (done.code, done.out) == (ExitCode.USAGE, "")
    assert "no such error: `60053`; nothing else" in done.err
    assert "60052" not in done.err


def test_permissions_are_the_published_shape(migaudit: Run) -> None:
    document = json.loads(migaudit("permissions", "--format", "json").out)
    Draft202012Validator(json.loads((SCHEMAS / "permissions-1.json").read_text(encoding="utf-8"))).validate(document)
    assert "Microsoft.Authorization/roleAssignments/read" in document["role"]["Actions"]


@pytest.mark.parametrize("schema", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_every_published_schema_is_one(schema: Path) -> None:
    document = json.loads(schema.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)


@pytest.mark.parametrize(
    ("text", "is_repeated"),
    [("what about Hunter2Secret", False), ("password=Hunter2Secret", False), ("applience", True), ("bake bread", True)],
)
def test_an_unknown_text_is_repeated_only_as_plain_words(migaudit: Run, text: str, is_repeated: bool) -> None:
    done = migaudit("explain", text)
    assert done.code == ExitCode.USAGE
    assert (text in done.err) is is_repeated


def test_explain_counts_the_errors_that_it_does_not_list(migaudit: Run) -> None:
    refusal = (
        "(AuthorizationFailed) The client 'x' with object id 'a5fa0001-8d3f-4e06-b2a9-0000000000{0:02}' does not have "
        "authorization to perform action 'Microsoft.Migrate/migrateProjects/write' over scope '/subscriptions/"
        "5fab0001-91e4-4a7c-b035-fab0b1c00001/resourceGroups/rg{0}' or the scope is invalid."
    )
    out = migaudit("explain", " ".join(refusal.format(number) for number in range(13))).out
    assert "and 3 more errors of Azure; `--format json` has all" in out
