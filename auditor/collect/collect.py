"""The scan of an environment: its stages, the lists that each stage reads, and the resulting snapshot."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from auditor.azure.errors import ReadFailed
from auditor.collect.catalogue import CLIENTS, FILTERED, LAST, PER_SUBSCRIPTION, TRACKED
from auditor.collect.diagnostics import DiagnosticsReader
from auditor.collect.directory import questions as directory
from auditor.collect.directory.accounts import AccountFinder, NamedAccount, read_reach
from auditor.collect.directory.applications import app_ids, read_applications
from auditor.collect.directory.client import Asker
from auditor.collect.directory.eligibilities import read_asked_members, read_eligibilities, read_members
from auditor.collect.directory.principals import read_principals
from auditor.collect.progress import SILENT, Progress, Stage, run_stage
from auditor.collect.reader import Reader
from auditor.collect.readers import authorization, environment, management_groups, migrate
from auditor.collect.readers.assessments import read_machines
from auditor.collect.readers.delegations import read_questioned
from auditor.collect.readers.group_roles import group_role_jobs
from auditor.collect.readers.key_vaults import network_jobs
from auditor.collect.readers.leftovers import (
    PER_LONE_ASSESSMENT,
    collector_jobs,
    log_jobs,
    vault_jobs,
    with_something_left,
)
from auditor.collect.readers.policies import read_policies
from auditor.collect.readers.tracked import TrackedReader, doubt_filtered
from auditor.collect.recording import Recording, header_of
from auditor.collect.request import NoScope, Request
from auditor.collect.resource_graph import source
from auditor.collect.resource_graph.absence import AbsenceProof
from auditor.collect.resource_graph.survey import Survey, Surveyed
from auditor.collect.resuming.visit import Visit
from auditor.collect.scope import Chosen, ScopeFinder, named_groups
from auditor.collect.withheld import doubt_withheld
from auditor.collect.workers import Job, Workers
from auditor.collect.workspaces.every_use import candidates_in, doubt_uses, jobs
from auditor.collect.workspaces.first_use import UseSearch, of_deleted_projects
from auditor.inventory.snapshot.records import AskedAbout
from auditor.inventory.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity
    from auditor.azure.connection import Azure

_FILTERED_OR_OPEN = (environment.RESOURCE_GROUPS, environment.PROVIDERS)
_FIRST = tuple(listing for listing in PER_SUBSCRIPTION if listing not in LAST)
_REFUSABLE = tuple(listing for listing in PER_SUBSCRIPTION if listing not in _FILTERED_OR_OPEN)
"""The lists that Azure refuses without a right at the subscription; its providers are shown to anyone who sees it."""
_FIRST_REFUSABLE = tuple(listing for listing in _REFUSABLE if listing not in LAST)
_SHOWING_ALL = (environment.RESOURCE_GROUPS.what, migrate.PROJECTS.what)
"""One list of each request whose answer leaves out what the account may not read."""


async def collect(
    azure: "Azure",
    request: Request,
    progress: Progress = SILENT,
    recording: Recording | None = None,
    tell: Callable[[str], None] = lambda _words: None,
) -> Snapshot:
    """Return the snapshot of everything that `request` names, with a gap for each list that could not be read.

    `tell` gets a sentence on what the scan chose to read by itself. A caller that may be interrupted passes its own
    `recording`, whose `snapshot()` holds what was read before a cancellation. Raises `BadRequest` where the request
    cannot be met, and `SignInFailed`; any other failure is a gap.
    """
    if not request.names_a_scope:
        raise NoScope
    scan = _Scan(azure, request, progress, Recording() if recording is None else recording)
    await scan.run(tell)
    return scan.recording.snapshot()


@dataclass(frozen=True, slots=True)
class Begun:
    """The beginning of a scan that is read in parts: the tenant, the accounts it is about, and what is in scope.

    `survey` is what Resource Graph showed, where it was asked.
    """

    recording: Recording
    chosen: Chosen
    accounts: tuple[NamedAccount, ...]
    survey: Surveyed | None = None

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The ids of the subscriptions whose lists are to be read in parts."""
        return self.chosen.subscriptions if self.survey is None else self.chosen.without(self.survey.left).subscriptions


async def begin(
    azure: "Azure", request: Request, progress: Progress = SILENT, tell: Callable[[str], None] = lambda _words: None
) -> Begun:
    """Read the tenant, find the accounts and the scope, and ask Resource Graph where `collect` does; raises as it does.

    `read_part` reads the lists of some of its subscriptions, and `finish` joins the parts and reads the rest.
    """
    if not request.names_a_scope:
        raise NoScope
    return await _Scan(azure, request, progress, Recording()).begun(tell)


async def read_part(
    azure: "Azure", request: Request, subscriptions: Sequence[str], progress: Progress = SILENT
) -> Recording:
    """Return what the lists of these subscriptions (their ids) hold; any failure but `SignInFailed` is a gap."""
    scan = _Scan(azure, request, progress, Recording())
    await scan.read_lists(subscriptions)
    return scan.recording


async def finish(
    azure: "Azure", request: Request, begun: Begun, parts: Iterable[Recording], progress: Progress = SILENT
) -> Snapshot:
    """Return the snapshot of a scan that was read in parts: it is that of the same scan in one piece.

    What depends on several subscriptions, such as the uses of a workspace and the directory, is read only here. What it
    is given stays as it is.
    """
    recording = Recording()
    for part in (begun.recording, *parts):
        part.add_to(recording)
    scan = _Scan(azure, request, progress, recording, begun.accounts)
    await scan.finish(begun.chosen, deepcopy(begun.survey))
    return recording.snapshot()


class _Scan:
    """One scan of an environment."""

    def __init__(
        self,
        azure: "Azure",
        request: Request,
        progress: Progress,
        recording: Recording,
        accounts: Iterable[NamedAccount] = (),
    ) -> None:
        self.recording = recording
        self._azure = azure
        self._request = request
        self._progress = progress
        self._reader = Reader(azure.arm, recording)
        self._asker = Asker(azure.graph, recording)
        self._accounts = [*accounts]

    async def run(self, tell: Callable[[str], None]) -> None:
        """Read stage after stage; what a stage reads depends on what the earlier ones found."""
        chosen = await self.begin()
        if self._takes_graph(chosen, tell):
            survey = await self.survey(chosen, tell)
            await self.read_lists(chosen.without(survey.left).subscriptions)
            await self.finish(chosen, survey)
        else:
            await self.read_lists(chosen.subscriptions, self._shared_jobs())
            await self.finish(chosen)

    def _takes_graph(self, chosen: Chosen, tell: Callable[[str], None]) -> bool:
        unnamed = self._unnamed(chosen)
        if words := source.choice_in_words(self._request, unnamed):
            tell(words)
        return source.takes_graph(self._request, unnamed)

    def _unnamed(self, chosen: Chosen) -> list[str]:
        """Return the subscriptions that are listed, and not named one by one."""
        return [one for one in chosen.subscriptions if one.lower() not in chosen.named and self.recording.holds(one)]

    async def begun(self, tell: Callable[[str], None]) -> Begun:
        """Read all that comes before the lists of the subscriptions."""
        chosen = await self.begin()
        survey = await self.survey(chosen, tell) if self._takes_graph(chosen, tell) else None
        if survey is None:
            await self._stage(Stage.TENANT, self._shared_jobs())
        return Begun(self.recording, chosen, tuple(self._accounts), survey)

    async def begin(self) -> Chosen:
        """Read the tenant, and return what is in scope."""
        identity = await self._azure.identity()
        self.recording.header = header_of(self._azure.cloud.environment, identity, self.recording.began)
        await self._tenant(identity)
        chosen = await ScopeFinder(self._reader).choose(self._request)
        self.recording.header = replace(self.recording.header, scope=chosen.scope, asked=self._asked_about())
        return chosen

    async def survey(self, chosen: Chosen, tell: Callable[[str], None]) -> Surveyed:
        """Return what Resource Graph shows of the subscriptions, also of the roles of the accounts in them.

        Their groups, of whose roles it is asked last, are read meanwhile.
        """
        unnamed = self._unnamed(chosen)
        survey = Survey(self._azure.resource_graph, self.recording, unnamed)
        reached = asyncio.Event()

        async def reach() -> None:
            await read_reach(self._accounts, self._asker)
            reached.set()

        async def principals() -> Sequence[str]:
            await reached.wait()
            groups = (link.to for link in self.recording.links("transitiveMemberOf"))
            return [*(one.object_id for one in self._accounts), *groups]

        queries = partial(survey.read, self._request.groups, principals)
        await self._stage(Stage.INVENTORY, [queries, reach, self._built_in_roles])
        header = self.recording.header
        if header is not None and header.asked is not None:
            self.recording.header = replace(header, asked=replace(header.asked, source=source.origin(survey)))
        tell(source.outcome_in_words(survey, unnamed))
        return survey.found

    async def _prove_absence(self, chosen: Chosen, survey: Surveyed) -> None:
        """Read the subscriptions to which anything refers, and show that the others have no projects and sites.

        The latter matters only where there is anything of Azure Migrate at all.
        """
        while further := survey.referred_to(self.recording):
            await self.read_lists(further)
        if len(survey.left) == len(chosen.subscriptions):
            return
        proof = AbsenceProof(self._reader, self._azure.graph, await self._azure.identity())
        further = await proof.read(survey.chains)
        while further:
            survey.leave_out(further, self.recording)
            await self.read_lists(further)
            further = survey.referred_to(self.recording)

    async def finish(self, chosen: Chosen, survey: Surveyed | None = None) -> None:
        """Read what depends on the lists of all subscriptions, and record what only Resource Graph showed."""
        if survey is not None:
            await self._prove_absence(chosen, survey)
            chosen = chosen.without(survey.left)
        for subscription in chosen.subscriptions:
            doubt_filtered(self.recording, subscription, FILTERED, _REFUSABLE)
        doubt_withheld(self.recording, chosen.subscriptions, FILTERED)
        await self._group_roles(chosen)
        await self._workspaces(chosen)
        await self._networks()
        if self._request.machines:
            await read_machines(self._reader, self._progress, self._request.machines_of)
        await self._policies(chosen)
        if self._request.access:
            await self._questioned(chosen)
        if survey is not None:
            survey.record(self.recording)
        await self._directory(chosen)

    def _asked_about(self) -> AskedAbout:
        """Return what the scan is about, as far as a later evaluation of the snapshot needs it."""
        request = self._request
        known = tuple(account.object_id for account in self._accounts) if request.accounts else ()
        return AskedAbout(
            accounts=(*known, *request.strangers),
            project=request.projects[0] if len(request.projects) == 1 else None,
            resource_group=request.groups[0] if len(request.groups) == 1 else None,
            registration_mode=request.registration_mode,
            deep=request.deep,
        )

    async def _tenant(self, identity: "Identity") -> None:
        root = (environment.TENANTS, environment.SUBSCRIPTIONS, management_groups.MANAGEMENT_GROUPS)
        for listing in (*root, authorization.BUILT_IN_ROLES):
            self.recording.plan(listing.what, "/")
        for question in (directory.AUTHORIZATION_POLICY, directory.CONDITIONAL_ACCESS_POLICIES):
            self.recording.plan(question.what, "/")
        await self._stage(
            Stage.TENANT,
            [
                partial(self._reader.read, environment.TENANTS, "/"),
                partial(self._reader.read, environment.SUBSCRIPTIONS, "/"),
                partial(management_groups.read_tree, self._reader, identity.tenant_id),
                partial(self._find_accounts, identity),
                self._policy,
                self._conditional_access,
                self._libraries,
            ],
        )

    async def _libraries(self) -> None:
        """Load what later requests are made with, in a thread, while Azure answers the first ones."""
        with suppress(ReadFailed):  # a cloud without Microsoft Graph, of which each question says so
            await self._asker.graph.load()
        for load in CLIENTS:
            await asyncio.to_thread(load)

    async def read_lists(self, subscriptions: Sequence[str], shared: Sequence[Job] = ()) -> None:
        """Read every list of every subscription, and at the same time the projects and sites that turn up."""
        workers = Workers()
        tracked = TrackedReader(self._reader, TRACKED, workers, self._progress)
        for subscription in subscriptions:
            tracked.plan(subscription)
            for listing in PER_SUBSCRIPTION:
                self.recording.plan(listing.what, subscription)
        count = len(shared) + len(subscriptions) * (1 + len(PER_SUBSCRIPTION))
        jobs = chain(shared, self._subscription_jobs(subscriptions, tracked))
        await run_stage(Stage.SUBSCRIPTIONS, jobs, count, self._progress, workers)
        self._progress.finished(Stage.PROJECTS)

    def _shared_jobs(self) -> list[Job]:
        """Return what is read beside the lists of the subscriptions, and is none of them."""
        return [self._built_in_roles, partial(read_reach, self._accounts, self._asker)]

    async def _built_in_roles(self) -> None:
        await self._reader.read(authorization.BUILT_IN_ROLES, "/")

    def _subscription_jobs(self, subscriptions: Sequence[str], tracked: TrackedReader) -> Iterator[Job]:
        for subscription in subscriptions:
            visit = Visit(self._reader, subscription, 1 + len(_FIRST), _SHOWING_ALL, _FIRST_REFUSABLE)
            yield partial(visit.read, partial(tracked.find, subscription))
            for listing in _FIRST:
                yield partial(visit.read, partial(self._reader.read, listing, subscription))
        for subscription in subscriptions:
            for listing in LAST:
                yield partial(self._reader.read, listing, subscription)

    async def _networks(self) -> None:
        """Read the virtual networks that the firewalls of appliances' vaults name."""
        found = network_jobs(self._reader)
        if found:
            await self._stage(Stage.ACCESS, found)

    async def _policies(self, chosen: Chosen) -> None:
        """Read the policies of subscriptions with a project; of all where the question is about access."""
        held = {_subscription(str(body.get("id"))) for body in self.recording.bodies(migrate.PROJECTS.what)}
        asked = [one for one in chosen.subscriptions if self._request.access or one.lower() in held]
        asked += chosen.asked_about
        if asked:
            await self._stage(Stage.POLICIES, [partial(read_policies, self._reader, asked)])

    async def _group_roles(self, chosen: Chosen) -> None:
        """Read custom roles that only the list of their resource group contains."""
        found = group_role_jobs(self._reader, self._scopes(chosen))
        if found:
            await self._stage(Stage.ACCESS, found)

    async def _questioned(self, chosen: Chosen) -> None:
        """Read delegations, permissions and eligibilities, which matter only to questions about access."""
        jobs: list[Job] = [
            partial(read_questioned, self._reader, chosen.subscriptions, self._scopes(chosen)),
            partial(read_eligibilities, self._accounts, self._asker),
        ]
        for listing in authorization.PER_MANAGEMENT_GROUP:
            jobs += [partial(self._reader.read, listing, group) for group in chosen.asked_about]
        await self._stage(Stage.ACCESS, jobs)

    def _scopes(self, chosen: Chosen) -> list[str]:
        """Return the ids, inside the chosen subscriptions, that the question is about."""
        inside = {one.lower() for one in chosen.subscriptions}
        given = [one for one in self._request.scopes if _subscription(one) in inside]
        return [*given, *named_groups(self.recording, self._request.groups, self._request.projects)]

    async def _workspaces(self, chosen: Chosen) -> None:
        """Read the other uses of workspaces and vaults of Azure Migrate, deletions of projects, and the appliances.

        A deep scan reads every use of each workspace, any other scan until a use of each is proven: one list after
        another, during which collectors and the applications of appliances are read.
        """
        reader, every = self._reader, chosen.subscriptions
        workspaces = candidates_in(self.recording) if self._request.deep else ()
        asked: list[Job] = [*vault_jobs(reader), partial(self._applications, [*collector_jobs(reader)])]
        if workspaces:
            asked.extend(jobs(reader, workspaces, every, self._azure.log_analytics))
        else:
            left = of_deleted_projects(self.recording)
            asked.extend(log_jobs(reader, with_something_left(self.recording, every, left)))
            if left and self._request.is_about_leftovers:
                asked.append(UseSearch(reader, every).run)
        await self._stage(Stage.WORKSPACES, asked)
        if workspaces:
            doubt_uses(self.recording, every)
            await DiagnosticsReader(self._reader, self._progress).read(tuple(every))

    async def _applications(self, collectors: list[Job]) -> None:
        """Read the collectors, then the applications of all appliances, which sites and collectors name."""
        await Workers().run(collectors)
        kinds = [*(kind.what for kind in TRACKED), *(kind.what for kind in PER_LONE_ASSESSMENT)]
        bodies = self.recording.bodies(*kinds)
        ids = {*(app_id for body in bodies for app_id in app_ids(body)), *self._named_applications()}
        await read_applications(sorted(ids), self._asker)

    async def _directory(self, chosen: Chosen) -> None:
        """Read the principals whose ids the earlier stages found, then the members of the groups."""
        self._progress.started(Stage.DIRECTORY, 2 if self._request.expand else 1)
        await read_principals(self._asker, Workers())
        self._progress.advanced(Stage.DIRECTORY)
        await read_asked_members(self._asker, [one.object_id.lower() for one in self._accounts])
        if self._request.expand:
            places = (*chosen.asked_about, *self._scopes(chosen))
            await read_members(self._asker, places or chosen.subscriptions)
            self._progress.advanced(Stage.DIRECTORY)
        self._progress.finished(Stage.DIRECTORY)

    def _named_applications(self) -> Iterator[str]:
        """Yield the app ids of the service principals that were named, with which appliances may register."""
        if self._request.accounts:
            for one in self._accounts:
                app_id = (self.recording.object(one.object_id) or {}).get("appId")
                if isinstance(app_id, str):
                    yield app_id.lower()

    async def _find_accounts(self, identity: "Identity") -> None:
        """Find the named accounts; without any, the scan is about the signed-in account."""
        finder = AccountFinder(self._asker)
        own = await finder.signed_in(identity)
        if self._request.accounts:
            self._accounts = await finder.find(self._request.accounts)
        elif own is not None:
            self._accounts = [own]

    async def _policy(self) -> None:
        question = directory.AUTHORIZATION_POLICY
        [answer] = await self._asker.ask([(question, "")])
        self._asker.keep(question, answer)

    async def _conditional_access(self) -> None:
        question = directory.CONDITIONAL_ACCESS_POLICIES
        self._asker.keep(question, await self._asker.ask_pages(question))

    async def _stage(self, stage: Stage, jobs: list[Job]) -> None:
        await run_stage(stage, jobs, len(jobs), self._progress)


def _subscription(scope: str) -> str:
    """Return the id (lower case) of the subscription that contains an ARM id."""
    return "/".join(scope.lower().split("/", 3)[:3])
