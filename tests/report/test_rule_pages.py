"""The link of a rule: its page where the documentation is published, otherwise its first reference."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from auditor.audit.rules.rule import RuleText, rule_texts
from auditor.cli.rules.choice import chosen_rules
from auditor.report.rule_pages import docs_address, docs_in, published_docs, rule_links
from tests.report.conftest import RULES, result

ROOT = Path(__file__).parents[2]
DOCS = "https://docs.contoso.com/migaudit"


def links(*rules: RuleText, docs: str = "") -> dict[str, str]:
    return rule_links(replace(result(), rules=rules, docs_url=docs))


def test_every_rule_of_the_rule_book_has_its_page_and_without_one_a_reference() -> None:
    texts = rule_texts(chosen_rules())
    pages = links(*texts, docs=DOCS)
    assert pages.keys() == links(*texts).keys() == {text.id for text in texts}
    assert yaml.compose((ROOT / "mkdocs.yml").read_text()) is not None
    assert "use_directory_urls: false" in (ROOT / "mkdocs.yml").read_text()  # a page is a file of its name
    for rule, page in pages.items():
        assert page == f"{DOCS}/rules/{rule}.html"
        assert (ROOT / "docs" / "rules" / f"{rule}.md").is_file()
    assert all(link.startswith("https://learn.microsoft.com/") for link in links(*texts).values())


def test_a_rule_of_somebody_else_has_no_page_here(tmp_path: Path) -> None:
    text = (ROOT / "rules" / "account-disabled.yaml").read_text().replace("account-disabled", "our-own")
    (tmp_path / "our-own.yaml").write_text(text)
    own = next(text for text in rule_texts(chosen_rules((tmp_path,))) if text.id == "our-own")
    assert links(own, docs=DOCS) == {"our-own": own.references[0]}


def test_a_rule_without_a_reference_has_no_link() -> None:
    assert links(replace(RULES[0], references=())) == {}
    assert links(replace(RULES[0], references=("javascript:alert(1)", "http://plain.contoso.com"))) == {}


@pytest.mark.parametrize("address", [DOCS, f"{DOCS}/", f" {DOCS}// "])
def test_an_https_address_is_that_of_a_folder(address: str) -> None:
    assert docs_address(address) == DOCS


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://docs.contoso.com", "no https address"),
        ("docs.contoso.com", "no https address"),
        ("javascript:alert(1)", "no https address"),
        ("https://", "no https address"),
        ("https://a:b@docs.contoso.com", "a user name, a query or a fragment"),
        ("https://docs.contoso.com/?a", "a user name, a query or a fragment"),
        ("https://docs.contoso.com/#a", "a user name, a query or a fragment"),
        ("https://docs.contoso.com:x", "no address"),
        ("https://[docs", "no address"),
        ('https://docs.contoso.com/">', "must encode"),
        ("https://docs.contoso.com/\u202e", "must encode"),
    ],
)
def test_anything_else_is_refused_with_the_reason(address: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        docs_address(address)


@pytest.mark.parametrize(
    ("metadata", "address"),
    [
        ("Name: migaudit\n", ""),
        ("Project-URL: Source, https://code.contoso.com\n", ""),
        (f"Project-URL: Source, https://code.contoso.com\nProject-URL: Documentation, {DOCS}/\n", DOCS),
        (f"project-url: documentation,{DOCS}\n", DOCS),
        ("Project-URL: Documentation, http://plain.contoso.com\n", ""),
        (f"Name: migaudit\n\nProject-URL: Documentation, {DOCS}\n", ""),  # the text of the README
    ],
)
def test_the_package_says_where_its_documentation_is(metadata: str, address: str, tmp_path: Path) -> None:
    assert docs_in(tmp_path) == ""
    (tmp_path / "migaudit-0.1.0.dist-info").mkdir()
    (tmp_path / "migaudit-0.1.0.dist-info" / "METADATA").write_text(metadata)
    assert docs_in(tmp_path) == address


def test_a_checkout_names_none() -> None:
    assert published_docs() == ""
