"""Who belongs to what: groups, members, owners, and the questions about them."""

from collections.abc import Sequence

from auditor.emulator.exchange import HttpRequest, HttpResponse, json_answer
from auditor.emulator.graph import errors as graph_errors
from auditor.emulator.graph.index import COLLECTIONS, GraphIndex, GraphObject
from auditor.emulator.graph.query import GraphQuery
from auditor.emulator.refusals import Refusals

_MOST_CHECKED = 20
_WHAT = {
    "transitivememberof": "graph/transitivememberof",
    "memberof": "graph/transitivememberof",
    "transitivemembers": "graph/transitivemembers",
    "members": "graph/transitivemembers",
    "owners": "graph/owners",
    "ownedobjects": "graph/owners",
}


class GraphMembership:
    """Answers about the relations of one object."""

    def __init__(self, index: GraphIndex, refusals: Refusals, page_size: int | None) -> None:
        self._index = index
        self._refusals = refusals
        self._page_size = page_size

    def answer(self, one: GraphObject, rest: list[str], query: GraphQuery) -> HttpResponse:
        """The related objects that `rest`, the path behind the object, names; a cast behind it keeps one kind."""
        relation = rest[0].lower()
        if relation not in _WHAT:
            raise graph_errors.no_segment(rest[0])
        objects = self._related(one, relation)
        kind = "directoryObject"
        if len(rest) > 1:
            kind = self._cast(rest[1], query)
            objects = [other for other in objects if other.kind == kind]
        if query.filter and kind == "directoryObject" and not query.advanced:
            raise graph_errors.unsupported_query(
                "The specified filter needs $count=true and ConsistencyLevel: eventual."
            )
        objects = query.filtered(objects, kind)
        what = _WHAT[relation]
        gap = self._refusals.at(what, one.id.lower()) or (None if objects else self._refusals.at(what, ""))
        return query.page(objects, "directoryObjects", self._page_size, gap, typed=False)

    def check(self, one: GraphObject, action: str, call: HttpRequest) -> HttpResponse:
        """checkMemberGroups, checkMemberObjects, getMemberGroups, getMemberObjects."""
        body = call.json()
        body = body if isinstance(body, dict) else {}
        gap = self._refusals.at("graph/transitivememberof", one.id.lower())
        if gap is not None:
            raise graph_errors.of_gap(gap)
        groups = self._index.groups_of(one.id)
        if action in {"getmembergroups", "getmemberobjects"}:
            if body.get("securityEnabledOnly"):
                groups = [group for group in groups if group.fields.get("securityEnabled")]
            return json_answer({"value": [group.id for group in groups]})
        field = {"checkmembergroups": "groupIds", "checkmemberobjects": "ids"}.get(action)
        if field is None:
            raise graph_errors.no_segment(action)
        asked = body.get(field)
        if not isinstance(asked, list) or not 1 <= len(asked) <= _MOST_CHECKED:
            raise graph_errors.bad_request(f"'{field}' must hold 1 to {_MOST_CHECKED} ids.")
        held = {group.id.lower() for group in groups}
        return json_answer({"value": [identity for identity in asked if str(identity).lower() in held]})

    def _related(self, one: GraphObject, relation: str) -> Sequence[GraphObject]:
        index = self._index
        match relation:
            case "transitivememberof":
                return index.groups_of(one.id)
            case "memberof":
                return index.direct_groups_of(one.id)
            case "transitivemembers":
                return index.members_of(one.id)
            case "members" if one.kind == "directoryRole":
                template = str(one.fields.get("roleTemplateId", "")).lower()
                held = (
                    role.principal for role in index.roles if role.template.lower() == template and role.scope == "/"
                )
                return [known for known in map(index.get, held) if known is not None]
            case "members":
                return index.direct_members_of(one.id)
            case "ownedobjects":
                return index.owned_by(one.id)
            case _:
                return index.owners_of(one.id)

    def _cast(self, segment: str, query: GraphQuery) -> str:
        """A cast to one kind is an advanced query."""
        name = segment.lower().removeprefix("microsoft.").removeprefix("graph.")
        kind = next((kind for kind in COLLECTIONS.values() if kind.lower() == name), None)
        if kind is None:
            raise graph_errors.no_segment(segment)
        if not query.advanced:
            raise graph_errors.unsupported_query(
                "The cast in the request URL needs the $count=true parameter and the ConsistencyLevel: eventual header."
            )
        return kind
