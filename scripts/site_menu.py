"""The menu of the documentation site: what is generated joins the pages that `mkdocs.yml` lists.

MkDocs calls `on_config` before it reads the pages.
"""

from collections import defaultdict
from typing import Any

from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir
from auditor.facts.schema import SubjectKind

_GROUPS = {
    SubjectKind.REGISTRATION: "Registration",
    SubjectKind.ACCOUNT: "Accounts",
    SubjectKind.PROJECT: "Projects",
    SubjectKind.APPLIANCE: "Appliances",
    SubjectKind.APPLICATION: "Applications",
    SubjectKind.VAULT: "Key vaults",
    SubjectKind.WORKSPACE: "Workspaces",
    SubjectKind.REMAIN: "Left-overs",
    SubjectKind.ASSESSMENT: "Assessments",
    SubjectKind.DISCOVERY: "Discovery",
}
"""The heading in the menu of the rules about each kind of thing, in their order."""
RULES, SECTION = "Rules", "Errors and rules"


def rule_menu() -> list[dict[str, list[dict[str, str]]]]:
    """Return the pages of the rules in groups by what they are about, as MkDocs writes a menu."""
    pages: dict[SubjectKind, list[dict[str, str]]] = defaultdict(list)
    for rule in sorted(load_rules(rules_dir()), key=lambda rule: rule.title):
        pages[rule.subject].append({rule.title: f"rules/{rule.id}.md"})
    return [{title: pages[kind]} for kind, title in _GROUPS.items() if pages[kind]]


def on_config(config: Any) -> Any:
    """Put the rules into their section of the menu, and leave out what links to a repository where none is named."""
    section = next(entry[SECTION] for entry in config["nav"] if SECTION in entry)
    section.append({RULES: rule_menu()})
    if not config["repo_url"]:
        config["edit_uri"] = ""
    return config
