"""What `import auditor` gives: read an environment or a file, audit it, ask about access, and plan a clean-up.

Nothing here prints anything or ends the process. What was not read is unknown, never absent: it stands among the
findings and in the coverage of a result.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from auditor.inventory.snapshot import files
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.library.result import AccessQuestions, Result

if TYPE_CHECKING:
    from auditor.cleanup.plan import CleanupPlan

Names = Iterable[str]
Source = Literal["auto", "arm", "graph"]
RegistrationMode = Literal["user", "app", "arc"]


async def collect(  # noqa: PLR0913 - its parameters are the options of a scan
    *,
    subscriptions: Names = (),
    management_groups: Names = (),
    all_subscriptions: bool = False,
    accounts: Names = (),
    deep: bool = False,
    source: Source = "auto",
    registration_mode: RegistrationMode | None = None,
    cloud: str = "AzureCloud",
    auth: str = "default",
    tenant: str | None = None,
    concurrency: int = 64,
    requests_per_second: float | None = None,
    tell: Callable[[str], None] | None = None,
) -> Snapshot:
    """Return what Azure shows now, with a gap for each list that could not be read; only reads.

    Args:
        subscriptions: ids or display names.
        management_groups: names or display names; what is below them is read.
        all_subscriptions: whether to read every subscription that the signed-in account sees.
        accounts: whom it is about: UPN, mail, object id or app id each; without any, the signed-in one. Of an address
            of another tenant nothing can be known; what is audited about it is unknown.
        deep: whether to read what takes many requests too, as `scan --deep` does.
        source: as `scan --source`.
        registration_mode: how appliances will be registered.
        cloud: AzureCloud, AzureUSGovernment, AzureChinaCloud, or the URL of an ARM endpoint.
        auth: how to sign in, as `scan --auth`.
        tenant: the tenant to sign in to; None is the account's own.
        concurrency: the largest number of requests at once.
        requests_per_second: the largest number of requests a second; None is as many as Azure answers.
        tell: gets a sentence on what was chosen, as whom else one is signed in, and how to sign in by device code.

    Raises:
        BadRequest: nothing is named, or a name is unknown.
        SignInFailed: no credential gave a token.
        ReadFailed: not even which subscriptions there are could be read; `Unreachable` where the endpoint is silent.
        UnknownCloud: `cloud` is neither a name nor an ARM endpoint.
        ValueError: another argument is none of those above.
    """
    from auditor.azure.connection import connect
    from auditor.azure.throttling.limits import Pace
    from auditor.collect.collect import collect as read
    from auditor.collect.request import BadRequest, Request, UnknownAccount
    from auditor.library.accounts import Strangers

    _refuse_other_words("source", source, Source)
    _refuse_other_words("registration_mode", registration_mode, RegistrationMode)
    if auth == "device-code" and tell is None:
        raise ValueError("`auth='device-code'` needs `tell`, which gets the code to enter")
    if concurrency < 1:
        raise ValueError("`concurrency` is at least 1")
    if requests_per_second is not None and not 0 < requests_per_second < float("inf"):
        raise ValueError("`requests_per_second` is a number above 0, or None")
    named, groups = _names(subscriptions), _names(management_groups)
    if all_subscriptions and (named or groups):
        raise BadRequest("`all_subscriptions` reads every one: leave out `subscriptions` and `management_groups`")
    request = Request(
        subscriptions=named,
        management_groups=groups,
        all=all_subscriptions,
        accounts=_names(accounts),
        deep=deep,
        machines=deep,
        registration_mode=registration_mode,
        source=source,
    )
    pace = Pace(requests_per_second)
    told = tell or (lambda _words: None)
    async with connect(cloud, auth, tenant, concurrency=concurrency, pace=pace, tell=told) as azure:
        strangers = Strangers(request.accounts)
        while True:
            about = replace(request, accounts=strangers.named, strangers=strangers.addresses)
            try:
                snapshot = await read(azure, about, tell=told)
            except UnknownAccount as unknown:
                strangers.leave_out(unknown)
            else:
                strangers.check(snapshot)
                return snapshot


def load(path: str | PathLike[str]) -> Snapshot:
    """Return the snapshot in a file (.jsonl, .jsonl.zst or .yaml); raises `BadSnapshot` with line and reason."""
    return files.load(Path(path))


def save(snapshot: Snapshot, path: str | PathLike[str]) -> None:
    """Write a snapshot to a file that only its owner can read; raises `BadSnapshot` for another ending, `OSError`."""
    files.save(snapshot, Path(path))


def audit(  # noqa: PLR0913 - its parameters are the options of a scan
    snapshot: Snapshot,
    accounts: Names = (),
    *,
    subscriptions: Names = (),
    management_groups: Names = (),
    project: str | None = None,
    resource_group: str | None = None,
    registration_mode: RegistrationMode | None = None,
    rules: str | PathLike[str] | Iterable[str | PathLike[str]] = (),
    at: datetime | None = None,
) -> Result:
    """Return what the rule book says of a snapshot, as `scan --snapshot` does.

    Args:
        snapshot: what was collected or loaded.
        accounts: whom it is about, as of `collect`; without any, those that it was collected for.
        subscriptions: ids or display names of the only ones to look at; without any, all that were read.
        management_groups: names of groups below which to look.
        project: the name or id of the only project to look at; with `resource_group` it need not exist.
        resource_group: the only resource group to look at.
        registration_mode: how appliances will be registered; without one, as it was collected for.
        rules: folders with further rule files.
        at: the time to evaluate for, with its time zone; None is the time of reading.

    Raises:
        BadRequest: an account, a project or a resource group is proven not to exist, or a subscription was not read.
        BadRule: a rule file is invalid.
        ValueError: `at` has no time zone, or `registration_mode` is none of the three.
    """
    from auditor.access.access import Access
    from auditor.audit.compare.narrowing import narrowing
    from auditor.audit.rules.book import load_rules
    from auditor.audit.rules.rule import rule_texts
    from auditor.data import rules_dir
    from auditor.inventory.inventory import Inventory
    from auditor.inventory.snapshot.records import AskedAbout
    from auditor.library.judging import judged, question_about
    from auditor.library.places import environment_fields, meant
    from auditor.report.result import ScanResult
    from auditor.report.rule_pages import published_docs

    _refuse_other_words("registration_mode", registration_mode, RegistrationMode)
    if at is not None and at.tzinfo is None:
        raise ValueError("`at` has no time zone: write `datetime(2026, 11, 23, tzinfo=UTC)`")
    further = (rules,) if isinstance(rules, str | PathLike) else rules
    book = load_rules(rules_dir(), *map(Path, further))
    inventory = Inventory.of(snapshot, at)
    about = (inventory.header.asked or AskedAbout()).asked_again(
        accounts=_names(accounts),
        project=project,
        resource_group=resource_group,
        registration_mode=registration_mode,
    )
    access = Access.of(inventory)
    named, groups = _names(subscriptions), _names(management_groups)
    inside = (*named, *groups)
    part = meant(inventory, named, groups) if inside else None
    judgement = judged(inventory, access, question_about(inventory, book, about, part))
    report = ScanResult(
        **environment_fields(inventory),
        subscriptions=inventory.header.scope.subscriptions,
        findings=judgement.findings,
        coverage=judgement.coverage,
        rules=rule_texts(book),
        narrowed_to=(*narrowing(about.project, about.resource_group), *(f"within {name}" for name in inside)),
        registration_mode=about.registration_mode or "",
        docs_url=published_docs(),
    )
    return Result(report, AccessQuestions(access))


def plan(snapshot: Snapshot, *, include: Names = ()) -> "CleanupPlan":
    """Return the clean-up plan for the workspaces in a snapshot, as `cleanup plan --snapshot` does.

    `include` are further kinds of leftovers to list, such as `site`. Raises `ValueError` for any other text. Nothing is
    deleted: `migaudit cleanup apply` reads everything again before it does.
    """
    from auditor.access.access import Access
    from auditor.cleanup.plan import PlanSource, plan_now
    from auditor.facts.estate.environment import Context
    from auditor.inventory.inventory import Inventory

    inventory = Inventory.of(snapshot)
    return plan_now(Context(inventory, Access.of(inventory)), PlanSource.SNAPSHOT, _names(include))


def _refuse_other_words(name: str, given: str | None, words: Any) -> None:
    """Raise `ValueError` for a text that is none of the literals of a type; None is no text."""
    known = get_args(words)
    if given is not None and given not in known:
        raise ValueError(f"`{name}` is one of {', '.join(known)}, not `{given}`")


def _names(names: Names) -> tuple[str, ...]:
    """Return the names; one text alone is one name, not its letters."""
    return (names,) if isinstance(names, str) else tuple(names)
