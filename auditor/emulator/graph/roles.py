"""Directory roles: assignments from the links of the snapshot, definitions from its directory roles."""

from auditor.emulator.exchange import HttpResponse
from auditor.emulator.graph import errors as graph_errors
from auditor.emulator.graph.filters import equalities
from auditor.emulator.graph.index import GraphIndex, GraphObject
from auditor.emulator.graph.query import GraphQuery, Related
from auditor.emulator.refusals import Refusals

_DIRECTORY_ROLES = "graph/directoryroles"
_ROLE_ELIGIBILITIES = "graph/directoryroleeligibilities"
_GROUP_ELIGIBILITIES = "graph/groupeligibilities"


class GraphRoles:
    """The answers below `/roleManagement/directory`, and those about eligible group members."""

    def __init__(self, index: GraphIndex, refusals: Refusals, page_size: int | None) -> None:
        self._index = index
        self._refusals = refusals
        self._page_size = page_size
        bodies = [role.body() for role in index.roles]
        self._assignments = [GraphObject(str(body["id"]), "unifiedRoleAssignment", body) for body in bodies]
        self._definitions = _definitions(index)

    def answer(self, what: list[str], segments: list[str], query: GraphQuery) -> HttpResponse:
        """Return role assignments, eligibilities or definitions; `what` is the path after the prefix, in lower case."""
        if what == ["roleassignments"]:
            return self._assigned(query)
        if what == ["roleeligibilityscheduleinstances"]:
            return self._eligible(_ROLE_ELIGIBILITIES, "unifiedRoleEligibilityScheduleInstance", query)
        if what == ["roledefinitions"]:
            found = query.filtered(self._definitions, "roleDefinition")
            return query.page(found, "roleManagement/directory/roleDefinitions", self._page_size, None, typed=True)
        if len(what) == 2 and what[0] == "roledefinitions":
            for definition in self._definitions:
                if definition.id.lower() == what[1]:
                    return query.entity(definition, "roleManagement/directory/roleDefinitions")
            raise graph_errors.not_found(segments[3])
        raise graph_errors.no_segment(segments[-1])

    def eligible_members(self, query: GraphQuery) -> HttpResponse:
        """Return the group memberships that principals may activate."""
        return self._eligible(_GROUP_ELIGIBILITIES, "privilegedAccessGroupEligibilityScheduleInstance", query)

    def _eligible(self, what: str, kind: str, query: GraphQuery) -> HttpResponse:
        found = query.filtered(self._index.of_kind(kind), kind)
        gaps = [self._refusals.at(what, scope) for scope in (*equalities(query.filter), "")]
        gap = next((gap for gap in gaps if gap is not None), None)
        return query.page(found, f"{what.partition('/')[2]}", self._page_size, gap, typed=True)

    def _assigned(self, query: GraphQuery) -> HttpResponse:
        found = [
            one
            for one in query.filtered(self._assignments, "roleAssignment")
            if not self._index.is_removed(str(one.fields["principalId"]))
        ]
        asked = equalities(query.filter)
        gaps = [self._refusals.at(_DIRECTORY_ROLES, scope) for scope in asked]
        gap = next((gap for gap in gaps if gap is not None), None)
        if gap is None and (not query.filter or not found):
            gap = self._refusals.at(_DIRECTORY_ROLES, "")
        related: dict[str, Related] = {"principal": lambda _one: [], "roledefinition": lambda _one: []}
        if query.expand and any(name.lower() not in related for name in query.expand):
            raise graph_errors.bad_request(f"Could not find a property named '{query.expand[0]}'.")
        return query.page(
            found, "roleManagement/directory/roleAssignments", self._page_size, gap, typed=True, expanded=related
        )


def _definitions(index: GraphIndex) -> list[GraphObject]:
    named = {
        str(role.fields.get("roleTemplateId", "")).lower(): str(role.fields.get("displayName", ""))
        for role in index.of_kind("directoryRole")
    }
    templates = dict.fromkeys([*named, *(role.template.lower() for role in index.roles)])
    return [
        GraphObject(
            template,
            "unifiedRoleDefinition",
            {
                "id": template,
                "templateId": template,
                "displayName": named.get(template) or template,
                "isBuiltIn": True,
                "isEnabled": True,
            },
        )
        for template in templates
        if template
    ]
