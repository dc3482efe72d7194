import json
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml

from auditor.audit.findings import Confidence, Severity
from auditor.audit.rules.book import BadRule, load_rules
from auditor.audit.rules.file import FIX_OPTIONAL, FIX_REQUIRED, OPTIONAL, REQUIRED
from auditor.data import rules_dir
from auditor.facts.schema import SubjectKind

TOP = Path(__file__).resolve().parents[3]

GOOD = """\
id: my-rule
title: A vault is open
subject: vault
severity: low
since: "1"
fail_when: vault.exists && vault.public
message: "{{ vault.name }} is open"
why: Because.
fixes:
  - title: Close it
    az: az keyvault update --name {{ vault.name }} --default-action Deny
    changes: Its network.
    safe: false
"""


def load(folder: Path, text: str | bytes, name: str = "my-rule.yaml") -> BadRule:
    """Return the refusal of a rule file with this text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadRule) as refused:
        load_rules(folder)
    assert refused.value.file == str(path)
    assert str(refused.value).startswith(f"{path}:{refused.value.line}:{refused.value.column}: ")
    return refused.value


def test_a_good_rule_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "my-rule.yaml").write_text(GOOD)
    (rule,) = load_rules(tmp_path)
    assert (rule.id, rule.subject, rule.severity) == ("my-rule", SubjectKind.VAULT, Severity.LOW)
    assert rule.confidence is Confidence.HIGH
    assert rule.mentions == ("vault.exists", "vault.public")
    assert [fix.safe for fix in rule.fixes] == [False]
    assert load_rules(tmp_path / "my-rule.yaml") == load_rules(tmp_path / "my-rule.yaml") or rule.file


BROKEN = [
    (
        "fail_when: vault.exists && vault.public",
        "fail_when: vault.exists && vault.pubic",
        6,
        28,
        "did you mean `vault.public`",
    ),
    ("fail_when: vault.exists && vault.public", 'fail_when: "vault.exists && vault.pubic"', 6, 29, "did you mean"),
    (
        "fail_when: vault.exists && vault.public",
        "fail_when: >-\n  vault.exists &&\n  vault.pubic",
        8,
        3,
        "did you mean",
    ),
    (
        "fail_when: vault.exists && vault.public",
        "fail_when: |\n  vault.exists\n    && vault.pubic",
        8,
        8,
        "did you mean",
    ),
    (
        "fail_when: vault.exists && vault.public",
        "fail_when: 'vault.name == ''it'' && vault.pubic'",
        6,
        37,
        "did you mean",
    ),
    ("fail_when: vault.exists && vault.public", "fail_when: vault.name", 6, 12, "must be a bool"),
    ("fail_when: vault.exists && vault.public", "fail_when: vault.exists &&", 6, 27, "Syntax error"),
    (
        "fail_when: vault.exists && vault.public",
        "fail_when: account.enabled",
        6,
        12,
        "there is no fact `account.enabled`",
    ),
    ("fail_when: vault.exists && vault.public", "fail_when: [a]", 6, 12, "`fail_when` must be text"),
    ("fail_when: vault.exists && vault.public", "fail_when:", 6, 11, "`fail_when` must be text"),
    ("severity: low", "severity: terrible", 4, 11, "`terrible` is none of `critical`, `high`"),
    ("subject: vault", "subject: valut", 3, 10, "`valut` is none of"),
    ("severity: low", "severty: low", 4, 1, "no field `severty`; did you mean `severity`"),
    ("severity: low\n", "", 1, 1, "lacks `severity`"),
    ("title: A vault is open", "title: A vault is open\ntitle: again", 3, 1, "`title` is given twice"),
    ("id: my-rule", "id: your-rule", 1, 5, "must be the file's name, `my-rule`"),
    ("{{ vault.name }} is open", "{{ vault.nme }} is open", 7, 14, "did you mean `vault.name`"),
    ("{{ vault.name }} is open", "{{ 7*7 }}", 7, 11, "a placeholder must be"),
    ("{{ vault.name }} --default", '"{{ vault.name }}" --default', 11, 36, "must not be quoted"),
    ("safe: false", "safe: maybe", 13, 11, "neither `true` nor `false`"),
    ("    az: az", "    cmd: az", 11, 5, "a fix has no field `cmd`"),
    (
        "    az: az keyvault update --name {{ vault.name }} --default-action Deny\n",
        "",
        10,
        5,
        "needs `portal` steps or an `az`",
    ),
    ("fixes:\n  - title", "fixes: none\nx:\n  - title", 10, 1, "no field `x`"),
    ("why: Because.", "why: Because.\nreferences: [ftp://x]", 9, 14, "begins with `https://`"),
    ("why: Because.", "why: Because.\nerrors: 60052", 9, 9, "`errors` must be a list"),
    ("why: Because.", "why: &a Because.", 8, 6, "anchors and aliases"),
    ("why: Because.", "why: *a", 8, 6, "anchors and aliases"),
    ("why: Because.", "why: 'open", 14, 1, "not YAML"),
    ("why: Because.", "why: a: b", 8, 7, "not YAML"),
]


@pytest.mark.parametrize(("old", "new", "line", "column", "reason"), BROKEN)
def test_a_broken_rule_says_file_line_column_and_reason(
    tmp_path: Path, old: str, new: str, line: int, column: int, reason: str
) -> None:
    assert old in GOOD
    mistakes = load(tmp_path, GOOD.replace(old, new)).mistakes
    assert [one for one in mistakes if (one.line, one.column) == (line, column) and reason in one.reason], mistakes


def test_every_mistake_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: b\nsubject: valut\nmessage: hm\nfail_when: x\n")
    broken = GOOD.replace("severity: low", "severity: lo").replace("vault.public", "vault.pubic && vault.exsts")
    broken = broken.replace("{{ vault.name }} is open", "{{ vault.nme }} of {{ vault.appliance }}")
    broken = broken.replace("    az: az keyvault", "    when: vault.name\n    az: az keyvault").replace(
        "false", "no way"
    )
    (tmp_path / "my-rule.yaml").write_text(broken)
    with pytest.raises(BadRule) as refused:
        load_rules(tmp_path)
    told = [(Path(one.file).name, one.line, one.column, one.reason) for one in refused.value.mistakes]
    assert [place[:3] for place in told] == [
        ("a.yaml", 1, 1),
        ("a.yaml", 1, 1),
        ("a.yaml", 1, 1),
        ("a.yaml", 1, 1),
        ("a.yaml", 1, 5),
        ("a.yaml", 2, 10),
        ("my-rule.yaml", 4, 11),
        ("my-rule.yaml", 6, 28),
        ("my-rule.yaml", 6, 43),
        ("my-rule.yaml", 7, 14),
        ("my-rule.yaml", 7, 33),
        ("my-rule.yaml", 11, 11),
        ("my-rule.yaml", 14, 11),
    ]
    assert {reason for *_, reason in told[:4]} == {f"a rule lacks `{name}`" for name in LACKING}
    assert str(refused.value).splitlines() == [str(one) for one in refused.value.mistakes]


LACKING = ("title", "severity", "why", "since")


def test_a_misspelt_field_is_not_also_told_as_lacking(tmp_path: Path) -> None:
    (told,) = load(tmp_path, GOOD.replace("severity: low", "severty: low")).mistakes
    assert "did you mean `severity`" in told.reason


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


@pytest.mark.parametrize("text", [BOMB, "a: &a [*a]", "a: &a x\nb: {<<: *a}"])
def test_anchors_are_refused_before_they_unfold(tmp_path: Path, text: str) -> None:
    assert "anchors and aliases" in load(tmp_path, text).reason


@pytest.mark.parametrize(
    "tag", ["!!python/name:os.system", "!!python/object/new:os.system [x]", "!!set {a}", "!mine x"]
)
def test_a_tag_makes_nothing_but_a_mistake_or_a_text(tmp_path: Path, tag: str) -> None:
    path = tmp_path / "my-rule.yaml"
    path.write_text(GOOD.replace("safe: false", f"safe: {tag}"))
    with pytest.raises(BadRule):
        load_rules(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("- a", "a rule must be a mapping"),
        ("just text", "a rule must be a mapping"),
        (b"\xff\xfe\x00", "the file is not UTF-8"),
        ("a: \x00", "not YAML"),
        ("? [a]\n: b", "a key must be plain text"),
        (b"#" * 300_000, "larger than"),
        ("[" * 5000, "nested too deep|not YAML"),
        ("--- a\n--- b", "not YAML"),
    ],
)
def test_a_file_that_is_no_rule_at_all_is_refused(tmp_path: Path, text: str | bytes, reason: str) -> None:
    refused = load(tmp_path, text)
    assert any(one in refused.reason for one in reason.split("|"))


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "my-rule.yaml").write_text(GOOD)
    with pytest.raises(BadRule, match="the rule `my-rule` is already defined in") as refused:
        load_rules(tmp_path / "a", tmp_path / "b")
    assert (refused.value.line, refused.value.column) == (1, 5)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRule, match="no such file or directory"):
        load_rules(tmp_path / "nowhere")


def test_a_yaml_tag_constructs_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    tagged = GOOD.replace("why: Because.", f'why: !!python/object/apply:os.system ["touch {marker}"]')
    assert "`why` must be text" in load(tmp_path, tagged).reason
    assert not marker.exists()


# ------------------------------------------------------------------------------------------------------- the rule book


@cache
def documents() -> dict[str, dict[str, object]]:
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in rules_dir().glob("*.yaml")}


@pytest.mark.parametrize("name", sorted(documents()))
def test_every_rule_of_the_book_fits_the_published_schema(name: str) -> None:
    schema = json.loads((TOP / "docs/schemas/rule-1.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(documents()[name], schema)


def test_the_schema_knows_the_fields_and_values_that_the_loader_knows() -> None:
    schema = json.loads((TOP / "docs/schemas/rule-1.json").read_text(encoding="utf-8"))
    fix = schema["$defs"]["fix"]
    assert set(schema["required"]) == set(REQUIRED)
    assert set(schema["properties"]) == {*REQUIRED, *OPTIONAL}
    assert set(fix["required"]) == set(FIX_REQUIRED)
    assert set(fix["properties"]) == {*FIX_REQUIRED, *FIX_OPTIONAL}
    assert schema["properties"]["subject"]["enum"] == [kind.value for kind in SubjectKind]
    assert schema["properties"]["severity"]["enum"] == [one.value for one in Severity]
    assert schema["properties"]["confidence"]["enum"] == [one.value for one in Confidence]


def test_the_book_explains_the_errors_it_promises() -> None:
    explained = {error: {rule.id for rule in load_rules(rules_dir()) if error in rule.errors} for error in ERRORS}
    assert {error: least - explained[error] for error, least in ERRORS.items()} == {error: set() for error in ERRORS}


_SIGN_IN = {"account-disabled", "guest-invitation-pending"}
_REFUSED = {"lock-in-the-way", "policy-in-the-way", "subscription-not-enabled"}
_VAULT = {
    "vault-access-missing",
    "vault-missing",
    "vault-unreachable",
    "vault-network-closed",
    "vault-of-another-tenant",
}
ERRORS = {
    "60052": {"account-cannot-register", "role-only-eligible", "provider-unregistered", *_SIGN_IN, *_REFUSED},
    "542": {"cache-storage-gone"},
    "60039": {"project-missing", "appliance-project-gone", "project-not-ready", "project-old-experience"},
    "60030": {*_VAULT, *_REFUSED, "vault-locked", "vault-without-data-role"},
    "60031": {*_VAULT, *_REFUSED, "vault-locked", "vault-without-data-role"},
    "60025": {"not-application-owner", "application-missing", "may-not-create-applications"},
    "1039": {*_VAULT, "appliance-certificate-expired", "application-credential-ended"},
}
"""The rules that each error must at least stand for."""


def test_every_rule_tells_why_how_to_fix_it_and_where_to_read_on() -> None:
    for rule in load_rules(rules_dir()):
        assert rule.why
        assert rule.fixes
        assert rule.references


def test_deleting_the_resource_group_is_the_last_resort_and_marked() -> None:
    (rule,) = [one for one in load_rules(rules_dir()) if one.id == "not-application-owner"]
    titles = ["".join(fix.title.parts) for fix in rule.fixes]
    assert [fix.safe for fix in rule.fixes] == [True, True, False]
    assert "account that registered" in titles[0]
    assert "owner" in titles[1]
    assert titles[-1].startswith("Last resort")
    assert all(fix.az is None or "group delete" not in "".join(fix.az.parts) for fix in rule.fixes)
