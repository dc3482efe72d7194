from pathlib import Path

from auditor.data import rules_dir
from scripts.rule_pages import pages


def test_every_rule_has_its_page_and_stands_in_the_index() -> None:
    written = pages()
    rules = sorted(path.stem for path in rules_dir().glob("*.yaml"))
    assert sorted(page.stem for page in written if page.parent == Path("rules")) == rules
    for rule in rules:
        assert f"(rules/{rule}.md)" in written[Path("errors.md")]


def test_a_page_tells_condition_fix_and_meaning_of_the_facts() -> None:
    page = pages()[Path("rules/account-cannot-register.md")]
    assert page.startswith("# ")
    assert "!registration.can_register\n" in page
    assert "| `registration.can_register` | " in page
    assert "--assignee-object-id ACCOUNT-ID" in page
    assert "{{" not in page
