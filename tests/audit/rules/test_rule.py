"""What a rule says of itself goes with the findings."""

from auditor.audit.rules.book import load_rules
from auditor.audit.rules.rule import rule_texts
from auditor.data import rules_dir


def test_every_rule_of_the_book_has_its_texts() -> None:
    rules = load_rules(rules_dir())
    texts = rule_texts(rules)
    assert [text.id for text in texts] == sorted(rule.id for rule in rules)
    assert all(text.title and text.why for text in texts)
