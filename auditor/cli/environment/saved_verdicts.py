"""The verdicts in a saved file: a snapshot is evaluated, the JSON result of a scan is read."""

from pathlib import Path

from auditor.audit.compare.narrowing import narrowing
from auditor.audit.compare.verdict_set import BadResult, VerdictSet, saved_verdicts
from auditor.audit.rules.book import Rule
from auditor.cli.environment.unreadable import refuse_if_nothing_was_readable
from auditor.cli.failures import UsageFailed
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import SUFFIXES, load
from auditor.inventory.snapshot.records import AskedAbout


def saved_verdict_set(path: Path, rules: tuple[Rule, ...], accounts: tuple[str, ...] = ()) -> VerdictSet:
    """Return the verdicts in the file `path`; `rules` and `accounts` are used for a snapshot only.

    A snapshot is evaluated about what its scan was about; `accounts` replaces the accounts.

    Raises `UsageFailed` for any other kind of file, and `BadSnapshot` for a broken snapshot.
    """
    name = path.name.lower()
    if name.endswith(SUFFIXES):
        return _evaluated(path, rules, accounts)
    if not name.endswith(".json"):
        suffixes = ", ".join(one for one in SUFFIXES if one != ".yml")
        raise UsageFailed(f"`{path}` is neither a snapshot ({suffixes}) nor the JSON result of a scan (.json)")
    try:
        return saved_verdicts(path)
    except BadResult as bad:
        raise UsageFailed(str(bad)) from bad


def _evaluated(path: Path, rules: tuple[Rule, ...], accounts: tuple[str, ...]) -> VerdictSet:
    from auditor.access.access import Access
    from auditor.library.judging import judged, question_about

    snapshot = load(path)
    refuse_if_nothing_was_readable(snapshot)
    inventory = Inventory.of(snapshot)
    about = (inventory.header.asked or AskedAbout()).asked_again(accounts=accounts)
    findings = judged(inventory, Access.of(inventory), question_about(inventory, rules, about)).findings
    return VerdictSet.of(
        findings,
        snapshot.gaps,
        tenant_id=inventory.tenant_id,
        at=inventory.now,
        subscriptions=inventory.scanned,
        rules=(rule.id for rule in rules),
        narrowed_to=narrowing(about.project, about.resource_group),
        registration_mode=about.registration_mode or "",
    )
