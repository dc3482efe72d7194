"""The prepared rules and catalogue equal their YAML files, and a file that was changed is read itself."""

import shutil
from pathlib import Path

import msgspec.yaml
import pytest

from auditor import prepared
from auditor.audit.catalogue import CatalogueEntry
from auditor.audit.rules import book
from auditor.audit.rules.book import load_rules, prepared_rule, rule_files
from auditor.audit.rules.file import read_rule
from auditor.audit.rules.rule import Languages
from auditor.data import rules_dir
from auditor.facts import schema

PATHS = tuple(rule_files((rules_dir(),)))


def test_every_prepared_rule_is_what_its_file_says() -> None:
    languages = Languages()
    assert [prepared_rule(path) for path in PATHS] == [read_rule(path, languages)[0] for path in PATHS]


@pytest.mark.parametrize("path", sorted((rules_dir() / "catalogue").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_prepared_catalogue_is_what_its_files_say(path: Path) -> None:
    entries = tuple[CatalogueEntry, ...]
    assert prepared.prepared(prepared.digest(path.read_bytes()), entries) is not None
    assert prepared.yaml_value(path, entries) == msgspec.yaml.decode(path.read_bytes(), type=entries)


def test_a_changed_rule_file_is_read_itself(tmp_path: Path) -> None:
    copy = tmp_path / PATHS[0].name
    text = PATHS[0].read_text(encoding="utf-8")
    copy.write_text(text.replace("severity: ", "severity: low #", 1), encoding="utf-8")
    assert prepared_rule(copy) is None
    assert [rule.severity.value for rule in load_rules(copy)] == ["low"]


def test_a_file_under_another_name_is_checked_itself(tmp_path: Path) -> None:
    copy = tmp_path / "another-name.yaml"
    shutil.copy(PATHS[0], copy)
    assert prepared_rule(copy) is None
    with pytest.raises(ValueError, match="must be the file's name"):
        load_rules(copy)


def test_other_facts_make_the_prepared_rules_void(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "schema.yaml"
    changed.write_bytes(schema.SCHEMA.read_bytes() + b"\n")
    monkeypatch.setattr(book, "_declared", changed.read_bytes)
    assert prepared_rule(PATHS[0]) is None


def test_without_the_prepared_form_everything_is_read_from_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_values", dict)
    assert load_rules(PATHS[0]) == (read_rule(PATHS[0], Languages())[0],)
    assert prepared.yaml_value(schema.SCHEMA, dict[str, object]) == msgspec.yaml.decode(schema.SCHEMA.read_bytes())
