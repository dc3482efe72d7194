"""The built site: links and anchors resolve, nothing is fetched from elsewhere, every rule has a page."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import html5lib
import pytest

from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir
from auditor.facts.schema import SubjectKind
from scripts.site_menu import rule_menu

TOP = Path(__file__).resolve().parents[2]
FETCHERS = {"script", "img", "iframe", "source"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)]
    done = subprocess.run(
        build,
        cwd=TOP,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Any]:
    return {
        page: html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
        for page in sorted(site.rglob("*.html"))
    }


def test_every_link_leads_to_a_file_and_an_anchor_that_are_there(site: Path, pages: dict[Path, Any]) -> None:
    anchors = {page: {one.get("id") or one.get("name") for one in document.iter()} for page, document in pages.items()}
    broken = []
    for page, document in pages.items():
        for link in document.iter("a"):
            parts = urlsplit(link.get("href") or "")
            if parts.scheme or parts.netloc or page.name == "404.html":
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            target = target / "index.html" if target.is_dir() else target
            if not target.is_relative_to(site) or not target.exists():
                broken.append(f"{page.relative_to(site)}: {link.get('href')}")
            elif parts.fragment and target in anchors and unquote(parts.fragment) not in anchors[target]:
                broken.append(f"{page.relative_to(site)}: {link.get('href')} has no such anchor")
    assert broken == []


def test_a_page_fetches_nothing_from_elsewhere_and_every_picture_has_words(pages: dict[Path, Any]) -> None:
    for page, document in pages.items():
        fetched = [one.get("src") for one in document.iter() if one.tag in FETCHERS and one.get("src")]
        fetched += [one.get("href") for one in document.iter("link") if "stylesheet" in (one.get("rel") or "")]
        assert [one for one in fetched if urlsplit(one).netloc] == [], page.name
        assert all((one.get("alt") or "").strip() for one in document.iter("img") if one.get("src")), page.name


def test_every_rule_has_a_page(site: Path) -> None:
    assert {page.stem for page in (site / "rules").glob("*.html")} >= {rule.id for rule in load_rules(rules_dir())}


@pytest.mark.parametrize("name", ["monday.json", "friday.json"])
def test_the_results_in_the_examples_have_the_titles_and_errors_of_the_rule_book(name: str) -> None:
    rules = {rule.id: rule for rule in load_rules(rules_dir())}
    findings = json.loads((TOP / "docs" / "examples" / name).read_text(encoding="utf-8"))["findings"]
    told = [(one["title"], one["errors"]) for one in findings]
    assert told == [(rules[one["rule"]].title, sorted(rules[one["rule"]].errors)) for one in findings]


def test_every_rule_and_every_schema_is_in_the_menu_and_leads_back(site: Path, pages: dict[Path, Any]) -> None:
    home = pages[site / "rules" / "account-cannot-register.html"]
    menu = {link.get("href") for link in home.iter("a")}
    same_group = {rule.id for rule in load_rules(rules_dir()) if rule.subject is SubjectKind.REGISTRATION}
    assert {f"{name}.html" for name in same_group - {"account-cannot-register"}} <= menu
    listed = {title for group in rule_menu() for entries in group.values() for one in entries for title in one.values()}
    assert listed == {f"rules/{rule.id}.md" for rule in load_rules(rules_dir())}
    path = next(one for one in home.iter("nav") if one.get("class") == "md-path")
    assert "".join(path.itertext()).split() == ["Home", "Errors", "and", "rules", "Rules", "Registration"]
    schemas = {link.get("href") for link in pages[site / "schemas" / "index.html"].iter("a")}
    assert {one.name for one in (TOP / "docs" / "schemas").glob("*.json")} <= schemas


def test_search_works_from_files_and_loads_what_it_needs_from_the_site(site: Path, pages: dict[Path, Any]) -> None:
    assert (site / "search" / "search_index.js").read_text(encoding="utf-8").startswith("var __index = {")
    scripts = [one.get("src") for one in pages[site / "index.html"].iter("script") if one.get("src")]
    assert "javascripts/iframe-worker.js" in scripts


def test_a_site_names_the_repository_that_its_builder_names(tmp_path: Path) -> None:
    address = "https://git.contoso.example/migration/migaudit"
    script = (
        "from mkdocs.config import load_config; config = load_config('mkdocs.yml');"
        "config = config.plugins.on_config(config); print(config['repo_url'] or '', config['edit_uri'])"
    )
    named = {**os.environ, "MIGAUDIT_REPO_URL": address, "NO_MKDOCS_2_WARNING": "1"}
    for environment, told in ((named, f"{address} edit/main/docs/"), ({**named, "MIGAUDIT_REPO_URL": ""}, "")):
        run = [sys.executable, "-c", script]
        done = subprocess.run(run, cwd=TOP, env=environment, capture_output=True, encoding="utf-8", check=True)
        assert done.stdout.strip() == told
