"""Microsoft Graph v1.0: routes a request to collections, relations, roles, writes or a batch."""

import re
from collections.abc import Callable

from auditor.emulator.entra.identities import SignInIdentities
from auditor.emulator.entra.tokens import Caller
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal
from auditor.emulator.graph import errors as graph_errors
from auditor.emulator.graph.batch import run_batch
from auditor.emulator.graph.collections import GraphCollections
from auditor.emulator.graph.directory_changes import DirectoryChanges
from auditor.emulator.graph.index import COLLECTIONS, GraphIndex, GraphObject
from auditor.emulator.graph.membership import GraphMembership
from auditor.emulator.graph.query import GraphQuery
from auditor.emulator.graph.roles import GraphRoles
from auditor.emulator.refusals import Refusals
from auditor.inventory.snapshot.snapshot import Snapshot

_KEYED = re.compile(r"(?P<name>[A-Za-z]+)\((?:(?P<key>[A-Za-z]+)=)?'(?P<value>.*)'\)")

Part = Callable[[HttpRequest, Callable[[HttpRequest], HttpResponse]], HttpResponse | None]
"""A function that may answer one request of a batch instead; its second argument returns the true answer."""


def _no_part(_request: HttpRequest, _answer: Callable[[HttpRequest], HttpResponse]) -> None:
    return None


class GraphService:
    """The answers to the Graph requests of a signed-in caller."""

    def __init__(
        self,
        snapshot: Snapshot,
        identities: SignInIdentities,
        page_size: int | None,
        *,
        accept_cures: bool = False,
    ) -> None:
        index, refusals = GraphIndex(snapshot), Refusals(snapshot.gaps, snapshot.reads)
        self._index = index
        self._identities = identities
        self._collections = GraphCollections(index, refusals, page_size)
        self._membership = GraphMembership(index, refusals, page_size)
        self._roles = GraphRoles(index, refusals, page_size)
        self._changes = DirectoryChanges(index, self._one, identities.tenant_id) if accept_cures else None

    def answer(self, request: HttpRequest, caller: Caller, part: Part = _no_part) -> HttpResponse:
        """Return the answer to `request`; raises `Refusal`. `part` may answer single requests of a batch instead."""

        def answered(inner: HttpRequest) -> HttpResponse:
            try:
                return self.answer(inner, caller)
            except Refusal as refusal:
                return refusal.response

        segments = request.path.strip("/").split("/")[1:]
        if not segments:
            raise graph_errors.no_segment("")
        if segments == ["$batch"]:
            return run_batch(request, lambda inner: part(inner, answered) or self.answer(inner, caller))
        if segments[0].lower() == "me":
            segments = ["users", self._me(caller), *segments[1:]]
        if request.method == "POST":
            return self._act(segments, request)
        if request.method != "GET":
            return self._write(segments, request)
        return self._read(segments, GraphQuery.of(request))

    def _me(self, caller: Caller) -> str:
        if not caller.is_user:
            raise graph_errors.refuse(
                400, "BadRequest", "/me request is only valid with delegated authentication flow."
            )
        return caller.object_id

    def _read(self, segments: list[str], query: GraphQuery) -> HttpResponse:
        match [segment.lower() for segment in segments]:
            case ["organization"]:
                return self._collections.organization(query, self._identities.tenant_id)
            case ["policies", "authorizationpolicy"]:
                return self._collections.authorization_policy(query)
            case ["identity", "conditionalaccess", "policies"]:
                return self._collections.conditional_access(query)
            case ["directory", "deleteditems", kind]:
                return self._collections.deleted(segments[2], kind, query)
            case ["rolemanagement", "directory", *what]:
                return self._roles.answer(what, segments, query)
            case ["identitygovernance", "privilegedaccess", "group", "eligibilityscheduleinstances"]:
                return self._roles.eligible_members(query)
            case ["directoryobjects", _]:
                return self._collections.directory_object(segments[1], query)
        return self._in_collection(segments, query)

    def _in_collection(self, segments: list[str], query: GraphQuery) -> HttpResponse:
        name, key, value = _keyed(segments)
        kind = COLLECTIONS.get(name.lower())
        if kind is None:
            raise graph_errors.no_segment(name)
        rest = segments[2:] if key == "segment" else segments[1:]
        if not key:
            return self._collections.list(name, kind, query)
        entry = self._collections.find(name, kind, "" if key == "segment" else key, value)
        if not rest:
            return self._collections.entity(name, entry, query)
        return self._membership.answer(entry, rest, query)

    def _act(self, segments: list[str], request: HttpRequest) -> HttpResponse:
        lowered = [segment.lower().removeprefix("microsoft.graph.") for segment in segments]
        if lowered == ["directoryobjects", "getbyids"]:
            return self._collections.by_ids(request)
        if len(lowered) == 3 and COLLECTIONS.get(lowered[0]):
            entry = self._collections.find(lowered[0], COLLECTIONS[lowered[0]], "", segments[1])
            return self._membership.check(entry, lowered[2], request)
        if len(lowered) == 3 and lowered[0] == "directoryobjects":
            return self._membership.check(self._collections.any_object(segments[1]), lowered[2], request)
        return self._write(segments, request)

    def _write(self, segments: list[str], request: HttpRequest) -> HttpResponse:
        if self._changes is None:
            raise graph_errors.refuse(
                403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
            )
        return self._changes.answer(segments, request)

    def _one(self, name: str, identity: str) -> GraphObject:
        return self._collections.find(name, COLLECTIONS[name], "", identity)


def _keyed(segments: list[str]) -> tuple[str, str, str]:
    """Return the collection, the name of the key (`segment` if the id is the next segment), and the key."""
    match = _KEYED.fullmatch(segments[0])
    if match:
        return match["name"], match["key"] or "id", match["value"].replace("''", "'")
    return (segments[0], "segment", segments[1]) if len(segments) > 1 else (segments[0], "", "")
