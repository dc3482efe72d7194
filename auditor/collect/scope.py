"""The scope of a scan: the subscriptions, management groups and resource groups that a request names."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from auditor.azure.errors import ReadFailed
from auditor.collect.listing import Body
from auditor.collect.reader import Reader, gap_of, says
from auditor.collect.readers.environment import RESOURCE_GROUPS, SUBSCRIPTIONS
from auditor.collect.readers.management_groups import MANAGEMENT_GROUP, MANAGEMENT_GROUPS, subscriptions_below
from auditor.collect.readers.migrate import PROJECTS
from auditor.collect.recording import Recording
from auditor.collect.request import NoScope, Request, UnknownScope
from auditor.inventory import lists as list_names
from auditor.inventory.arm_id import ArmId, MalformedArmId
from auditor.inventory.snapshot.records import ScanScope

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GROUP_NAME = re.compile(r"[\w.()~-]*[\w()~-]")
_SUBSCRIPTION = "/subscriptions/"
_NO_SUBSCRIPTION = {"subscriptionnotfound": 404, "invalidsubscriptionid": 400}
_NO_GROUP = {"notfound": 404, "resourcenotfound": 404, "managementgroupnotfound": 404}
"""The refusals for a management group that does not exist, as `_NO_SUBSCRIPTION` are for a subscription."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ARM ids of the subscriptions to read, and the names of the management groups that the request named.

    `asked_about` are the ids of management groups that the question is about, `named` those of the subscriptions (lower
    case) that the request names one by one.
    """

    subscriptions: tuple[str, ...]
    management_groups: tuple[str, ...]
    asked_about: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()

    def without(self, left: Collection[str]) -> "Chosen":
        """Return the same without some of the subscriptions."""
        unread = frozenset(left)
        return replace(self, subscriptions=tuple(one for one in self.subscriptions if one not in unread))

    @property
    def scope(self) -> ScanScope:
        """The scope in the form of a snapshot's header."""
        return ScanScope(tuple(one.rpartition("/")[2].lower() for one in self.subscriptions), self.management_groups)


class ScopeFinder:
    """The finder of the subscriptions and management groups that a request names, among those that were listed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._subscriptions = {
            name: body for body in reader.recording.bodies(list_names.SUBSCRIPTIONS) if is_guid(name := _name_of(body))
        }
        self._groups = {
            str(body.get("name")).lower(): body for body in reader.recording.bodies(list_names.MANAGEMENT_GROUPS)
        }

    async def choose(self, request: Request) -> Chosen:
        """Return the scope that `request` names.

        Raises `NoScope` where it names nothing, `UnknownScope` where a name is unknown or ambiguous, and `ReadFailed`
        where a name cannot be resolved because the list of names could not be read.
        """
        if not request.names_a_scope:
            raise NoScope
        wanted: dict[str, None] = {}
        for text in request.subscriptions:
            wanted[await self._subscription(text.strip())] = None
        named = frozenset(_SUBSCRIPTION + name for name in wanted)
        groups = []
        for text in request.management_groups:
            group = self._group(text.strip())
            groups.append(group)
            wanted |= dict.fromkeys(await self._below(text, group))
        if request.all:
            wanted |= self._every()
        asked = tuple(f"{MANAGEMENT_GROUP}/{self._group(text.strip())}" for text in request.groups_asked_about)
        return Chosen(tuple(self._as_listed(name) for name in sorted(wanted)), tuple(sorted(groups)), asked, named)

    def _as_listed(self, name: str) -> str:
        held = self._subscriptions.get(name)
        return _SUBSCRIPTION + name if held is None else str(held["id"])

    def _every(self) -> dict[str, None]:
        if not self._subscriptions:
            self._need_names(SUBSCRIPTIONS.what, "which subscriptions there are")
        return dict.fromkeys(self._subscriptions)

    def _need_names(self, what: str, question: str) -> None:
        """Raise `ReadFailed` where the list that would answer the question could not be read."""
        gap = self._reader.recording.gap_at(what, "/")
        if gap is not None:
            advice = f"name it by its id, or have {SUBSCRIPTIONS.needs[0]} granted"
            raise ReadFailed(gap.status, gap.code, f"cannot tell {question}: {gap.message}; {advice}", what)

    async def _subscription(self, text: str) -> str:
        name = text.lower().removeprefix(_SUBSCRIPTION).rstrip("/")
        if name in self._subscriptions:
            return name
        called = [held for held, body in self._subscriptions.items() if _same(body.get("displayName"), text)]
        if len(called) > 1:
            raise UnknownScope("subscription", text, several=sorted(called))
        if called:
            return called[0]
        if not is_guid(name):
            self._need_names(SUBSCRIPTIONS.what, f"which subscription is called `{text}`")
            raise UnknownScope("subscription", text, near=self._like(name))
        return await self._unlisted(name, text)

    async def _unlisted(self, name: str, text: str) -> str:
        """Read a subscription by its id, since an existing one may be missing from the list, and return its name.

        After a refusal it stays in scope: lists that cannot be read become gaps.
        """
        scope = _SUBSCRIPTION + name
        try:
            body = await self._reader.get(SUBSCRIPTIONS.what, scope, SUBSCRIPTIONS.source.versions)
        except ReadFailed as failure:
            if says(_NO_SUBSCRIPTION, failure):
                raise UnknownScope("subscription", text, near=self._subscriptions) from failure
            needs = SUBSCRIPTIONS.needs[0]
            self._reader.recording.gap(gap_of(SUBSCRIPTIONS.what, scope, needs, failure))
        else:
            self._reader.recording.arm(body, SUBSCRIPTIONS.what, scope)
        return name

    def _like(self, text: str) -> Iterable[str]:
        """Yield the names of all subscriptions, and the ids that begin with `text`."""
        for name, body in self._subscriptions.items():
            yield str(body.get("displayName") or name)
            if text and name.startswith(text):
                yield name

    def _group(self, text: str) -> str:
        name = text[len(MANAGEMENT_GROUP) + 1 :] if text.lower().startswith(f"{MANAGEMENT_GROUP}/".lower()) else text
        if name.lower() in self._groups:
            return str(self._groups[name.lower()].get("name"))
        called = [str(body.get("name")) for body in self._groups.values() if _same(_title(body), text)]
        if len(called) > 1:
            raise UnknownScope("management group", text, several=sorted(called))
        if called:
            return called[0]
        if self._reader.recording.is_complete(MANAGEMENT_GROUPS.what, "/") or not _GROUP_NAME.fullmatch(name):
            raise UnknownScope("management group", text, near=self._group_names())
        return name

    def _group_names(self) -> Iterable[str]:
        for body in self._groups.values():
            yield str(body.get("name"))
            yield _title(body) or str(body.get("name"))

    async def _below(self, text: str, group: str) -> Iterable[str]:
        """Return the subscriptions below a group; none after a refusal, which leaves a gap."""
        scope = f"{MANAGEMENT_GROUP}/{group}"
        below = await subscriptions_below(self._reader, scope)
        if isinstance(below, ReadFailed):
            if says(_NO_GROUP, below):
                raise UnknownScope("management group", text, near=self._group_names())
            return ()
        return below


def named_groups(recording: Recording, groups: Collection[str], projects: Collection[str]) -> tuple[str, ...]:
    """Return the ids of the resource groups named in `groups`, and of those that contain a project named in `projects`.

    Names are compared without case, and only recorded resources are found.
    """
    found = (*_called(recording, RESOURCE_GROUPS.what, groups), *_called(recording, PROJECTS.what, projects))
    ids = (str(one.resource_group_id) for one in found if one.resource_group_id is not None)
    return tuple(sorted({one.lower(): one for one in ids}.values()))


def is_guid(text: str) -> bool:
    """Return whether `text` is a GUID, as the ids of subscriptions, directory objects and applications are."""
    return _GUID.fullmatch(text) is not None


def _called(recording: Recording, what: str, names: Collection[str]) -> Iterator[ArmId]:
    wanted = {name.casefold() for name in names}
    for body in recording.bodies(what) if wanted else ():
        with suppress(MalformedArmId):  # the inventory makes a gap of it
            identity = ArmId.parse(str(body["id"]))
            if identity.name.casefold() in wanted:
                yield identity


def _name_of(body: Body) -> str:
    """Return the subscription's GUID in lower case, whatever the letter case of its id."""
    return str(body.get("id")).rpartition("/")[2].lower()


def _title(body: Mapping[str, object]) -> str | None:
    properties = body.get("properties")
    title = properties.get("displayName") if isinstance(properties, dict) else None
    return title if isinstance(title, str) else None


def _same(title: object, text: str) -> bool:
    return isinstance(title, str) and title.casefold() == text.casefold()
