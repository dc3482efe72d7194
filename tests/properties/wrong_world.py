"""An environment that is read while some of its answers are wrong, and the findings and plan that follow."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache

import msgspec
import pytest

from auditor.access.access import Access
from auditor.audit.evaluate import evaluate
from auditor.audit.findings import Verdict
from auditor.audit.rules.book import Rule, load_rules
from auditor.azure import paging
from auditor.azure.bounds import Bounds
from auditor.azure.connection import Azure, connect
from auditor.azure.errors import AzureFailed
from auditor.azure.retry import Retry
from auditor.collect.collect import collect
from auditor.collect.request import BadRequest, Request
from auditor.data import rules_dir
from auditor.emulator.faults import FaultRule, Faults
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running
from auditor.facts.subject import EVERYWHERE
from auditor.facts.subjects.every import subjects
from auditor.facts.subjects.unseen import unseen
from auditor.inventory.inventory import Inventory
from auditor.inventory.reads import INTERRUPTED, MALFORMED, NOT_READ, ONLY_READABLE
from auditor.inventory.snapshot.records import ScanScope
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cleanup import leftovers as left
from tests.collect.emulated import CONCURRENCY, FOREIGN

Verdicts = Mapping[tuple[str, str, str], Verdict]

BOUNDS = Bounds(attempt=3, request=4, sign_in=30)
"""Short enough for tests of endless answers, long enough for requests to localhost."""

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


_NO_RULE = FaultRule(path="(?!)")
"""A rule that matches nothing; without any rule the emulator does not record requests."""


class Striking(Faults):
    """Faults that can be replaced while the emulator runs, and that record the requests."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def strike(self, *rules: FaultRule) -> None:
        """Apply these rules from now on with new counts, and forget the recorded requests."""
        self.rules = rules or (_NO_RULE,)
        self._counts.clear()
        self._struck.clear()
        self._patterns = [re.compile(rule.path, re.IGNORECASE) for rule in self.rules]
        self.asked.clear()

    def next(self, method: str, target: str) -> FaultRule | None:
        """Record a request or a part of a batch, and return the rule that applies to it."""
        self.asked.append(f"{method} {target}")
        return super().next(method, target)


@dataclass
class World:
    """A served environment; `read` scans it with faults."""

    snapshot: Snapshot
    request: Request
    endpoints: Endpoints
    faults: Striking
    asked: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def connected(self, bounds: Bounds) -> AsyncIterator[Azure]:
        """Yield a connection that was signed in without faults."""
        async with connect(
            self.endpoints.arm,
            "environment",
            concurrency=CONCURRENCY,
            bounds=bounds,
            retry=Retry(attempts=2, bound=bounds.request, sleep=_no_wait),
        ) as azure:
            yield azure

    async def read(self, *rules: FaultRule) -> Snapshot | None:
        """Return the snapshot of a scan with the faults `rules`; None where the scan reports that it cannot begin."""
        self.faults.strike()
        async with self.connected(BOUNDS if rules else Bounds()) as azure:
            self.faults.strike(*rules)
            try:
                return await collect(azure, self.request)
            except (AzureFailed, BadRequest):
                return None
            finally:
                self.asked = list(self.faults.asked)


async def _no_wait(_seconds: float) -> None:
    return None


@asynccontextmanager
async def world(snapshot: Snapshot, request: Request) -> AsyncIterator[World]:
    """Yield a served `snapshot` with replaceable faults; endless lists are limited to a few pages."""
    faults = Striking()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(paging, "MOST_PAGES", 12)
        patched.setattr(paging, "MOST_EMPTY_PAGES", 8)
        async with running(snapshot, Options(faults=faults)) as endpoints:
            for name in FOREIGN:
                patched.delenv(name, raising=False)
            for name, value in endpoints.env.items():
                patched.setenv(name, value)
            yield World(snapshot, request, endpoints, faults)


def address_class(asked: str) -> str:
    """Return the regular expression of all targets that the reader of `asked` (`METHOD target`) requests."""
    path = asked.partition(" ")[2].partition("?")[0]
    if path.startswith("/v1.0/"):
        named = re.sub(r"\(appId='[^']*'\)", "(one)", re.sub(_GUID, "one", path))
        return "^" + re.escape(named).replace(r"\(one\)", r"\(appId='[^']*'\)").replace("/one", f"/{_GUID}") + _END
    if path.startswith("/v1/"):
        return r"^/v1/workspaces/[^/]+/query" + _END
    scope, provider, rest = path.rpartition("/providers/")
    if not provider:
        return f"^{_plain(path)}"
    where = "" if not scope else r"/subscriptions/[^/]+" if scope.count("/") == 2 else r"/.+"
    parts = rest.split("/")
    spelt = [re.escape(part) if at < 2 or at % 2 else r"[^/]+" for at, part in enumerate(parts)]
    return f"^{where}/providers/{'/'.join(spelt)}{_END}"


_END = r"(?:[?]|$)"


def _plain(path: str) -> str:
    """Return the expression of a path without provider, in which every second segment is a name."""
    parts = path.strip("/").split("/")
    named = [re.escape(part) if at % 2 == 0 else r"[^/]+" for at, part in enumerate(parts)]
    return f"/{'/'.join(named)}{_END}"


def own_address(asked: str) -> str:
    """Return the regular expression of this request and its further pages."""
    return "^" + re.escape(asked.partition(" ")[2]) + r"(?:&|$)"


def small(snapshot: Snapshot, subscription: str, workspaces: int) -> Snapshot:
    """Return the part of `snapshot` in one subscription with few workspaces, enough to use every reader."""
    own = f"/subscriptions/{subscription}"
    ids = sorted(one.id.lower() for one in snapshot.arm if one.type.lower() == _WORKSPACES and not one.deleted)
    left_out = tuple(f"{one}/" for one in [one for one in ids if one.startswith(own)][workspaces:])
    header = msgspec.structs.replace(snapshot.header, scope=ScanScope((subscription,)))

    def stays(identity: str) -> bool:
        key = f"{identity.lower()}/"
        return not key.startswith("/subscriptions/") or (key.startswith(f"{own}/") and not key.startswith(left_out))

    return replace(
        snapshot,
        header=header,
        arm=tuple(one for one in snapshot.arm if stays(one.id)),
        links=tuple(one for one in snapshot.links if stays(one.from_) and stays(one.to)),
        gaps=tuple(one for one in snapshot.gaps if stays(one.scope)),
    )


_WORKSPACES = "microsoft.operationalinsights/workspaces"


@cache
def rules() -> tuple[Rule, ...]:
    return load_rules(rules_dir())


def verdicts(snapshot: Snapshot, accounts: Sequence[str]) -> Verdicts:
    inventory = Inventory.of(snapshot)
    seen = subjects(inventory, Access.of(inventory), accounts=accounts)
    found = evaluate(rules(), seen, unseen(inventory, inventory.scanned))
    return {(one.rule, one.subject.kind, one.subject.id.lower()): one.verdict for one in found}


def flips(before: Verdicts, after: Verdicts) -> Iterator[str]:
    """Yield the verdicts that changed, disappeared or appeared, except those that became unknown."""
    decided = {Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE}
    for at, now in after.items():
        was = before.get(at)
        if now in decided and was is not now and at[2] != EVERYWHERE and not (was is None and now not in _TOLD):
            yield f"{at}: {was} became {now}"
    open_rules = {rule for (rule, _, identity), now in after.items() if identity == EVERYWHERE and now not in decided}
    for at, was in before.items():
        if was in _TOLD and at not in after and at[0] not in open_rules:
            yield f"{at}: {was} is not told any more"


_TOLD = {Verdict.PASS, Verdict.FAIL}


def deletions(snapshot: Snapshot) -> set[str]:
    """Return the ids of the workspaces that a plan from `snapshot` would delete."""
    return {item.id.lower() for item in left.plan(snapshot).deletions}


@dataclass(frozen=True)
class Judged:
    """The verdicts and planned deletions of a snapshot."""

    verdicts: Verdicts
    deletions: frozenset[str]


_known: dict[int, Judged] = {}


def judged(snapshot: Snapshot, accounts: Sequence[str]) -> Judged:
    """Return the verdicts and deletions of `snapshot`; snapshots that differ only in how a read failed share them."""
    gaps = tuple((gap.what, gap.scope, gap.code if gap.code in _TELLING else "") for gap in snapshot.gaps)
    key = hash((snapshot.arm, snapshot.graph, snapshot.links, snapshot.reads, snapshot.events, gaps, tuple(accounts)))
    if key not in _known:
        _known[key] = Judged(verdicts(snapshot, accounts), frozenset(deletions(snapshot)))
    return _known[key]


_TELLING = frozenset({NOT_READ, INTERRUPTED, MALFORMED, ONLY_READABLE, "AadPremiumLicenseRequired"})
"""The codes of gaps that the auditor distinguishes."""
