"""The prepared form of the YAML files: the text of `rules/prepared.json`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import msgspec.yaml

from auditor.audit.rules.book import rule_files, rule_key
from auditor.audit.rules.file import read_rule
from auditor.audit.rules.rule import Languages
from auditor.data import rules_dir
from auditor.prepared import digest

PACKAGE = Path(__file__).resolve().parent.parent / "auditor"


def text() -> str:
    """Return the prepared form: one line per YAML file, sorted by digest."""
    values = {**dict(_rules()), **dict(_others())}
    lines = (f"{msgspec.json.encode(key).decode()}:{values[key].decode()}" for key in sorted(values))
    return "{" + ",\n".join(lines) + "}\n"


def _rules() -> Iterator[tuple[str, bytes]]:
    languages = Languages()
    for path in rule_files((rules_dir(),)):
        rule, _ = read_rule(path, languages)
        yield rule_key(path, path.read_bytes()), msgspec.json.encode(replace(rule, file=""))


def _others() -> Iterator[tuple[str, bytes]]:
    for path in (*(rules_dir() / "catalogue").glob("*.yaml"), *PACKAGE.rglob("*.yaml")):
        if "_data" not in path.parts:
            raw = path.read_bytes()
            yield digest(raw), msgspec.json.encode(msgspec.yaml.decode(raw))
