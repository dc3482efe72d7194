"""`migaudit rules test`: every rule of the book fails, passes and doubts somewhere; a rule that does not is named."""

from pathlib import Path

import pytest

from auditor.audit.findings import Verdict
from auditor.audit.rules.book import load_rules
from auditor.cli.exit_codes import ExitCode
from auditor.cli.rules.testing import RuleTrial, tried
from auditor.data import fixtures_dir, rules_dir
from tests.cli.running import Run

MINE = """\
id: mine
title: Guests take part
subject: account
severity: low
message: "`{{ account.name }}` is a guest."
why: House rule.
since: "1"
fail_when: %s
"""


@pytest.fixture(scope="module")
def book() -> dict[str, RuleTrial]:
    found = tried(load_rules(rules_dir()), sorted(fixtures_dir().glob("*.yaml")))
    return {one.rule.id: one for one in found}


@pytest.mark.parametrize("rule", sorted(path.stem for path in rules_dir().glob("*.yaml")))
def test_every_rule_fails_passes_and_is_unknown_somewhere(book: dict[str, RuleTrial], rule: str) -> None:
    assert book[rule].lacking == (), book[rule].first


def test_nothing_fails_where_all_is_in_order_or_little_was_read(book: dict[str, RuleTrial]) -> None:
    for one in book.values():
        assert not one.first[Verdict.FAIL].startswith(("fabrikam", "tailspin")), one.rule.id


def test_a_rule_of_mine_is_tested(migaudit: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE % "account.guest")
    done = migaudit("rules", "test", mine)
    assert done.code == ExitCode.CLEAN
    heads, row = map(str.split, done.out.splitlines())
    assert heads == ["fail", "pass", "unknown", "rule"]
    assert row[-1] == "mine"
    assert "1 rule: each failed, passed and was unknown at least once" in done.err


def test_a_rule_that_can_only_pass_is_named(migaudit: Run, tmp_path: Path, fixtures: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE % "account.guest && !account.guest")
    done = migaudit("rules", "test", tmp_path, "--snapshot", fixtures / "fabrikam.yaml")
    assert done.code == ExitCode.FINDINGS
    assert "never fail" in done.out
    assert "1 never reached every verdict" in done.err


def test_a_broken_rule_is_refused_with_its_place(migaudit: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE % "account.gest")
    done = migaudit("rules", "test", mine)
    assert done.code == ExitCode.USAGE
    assert f"{mine}:8:12" in done.err
