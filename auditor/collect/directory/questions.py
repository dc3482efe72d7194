"""The questions to the directory (Microsoft Graph), each with its properties and the permission it needs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from auditor.azure.paging import items_of
from auditor.collect.listing import Body, Feature, permissions_for
from auditor.inventory import lists as list_names
from auditor.inventory.list_shapes import ListShape, WrongShape
from auditor.inventory.lists import (
    APPLICATION,
    APPLICATIONS,
    GROUP,
    GROUP_MEMBERS,
    GROUPS,
    HIDDEN_MEMBERS,
    MEMBERSHIPS,
    OWNERS,
    SERVICE_PRINCIPAL,
    SERVICE_PRINCIPALS,
    USER,
    USERS,
    shape_of,
)
from auditor.inventory.snapshot.secrets import REMOVED

FIELDS: dict[str, tuple[str, ...]] = {
    USER: (
        "id",
        "displayName",
        "userPrincipalName",
        "mail",
        "mailNickname",
        "userType",
        "accountEnabled",
        "externalUserState",
        "externalUserStateChangeDateTime",
        "creationType",
    ),
    GROUP: (
        "id",
        "displayName",
        "mail",
        "mailEnabled",
        "securityEnabled",
        "isAssignableToRole",
        "groupTypes",
        "visibility",
    ),
    SERVICE_PRINCIPAL: (
        "id",
        "appId",
        "displayName",
        "servicePrincipalType",
        "accountEnabled",
        "appOwnerOrganizationId",
        "signInAudience",
    ),
    APPLICATION: (
        "id",
        "appId",
        "displayName",
        "createdDateTime",
        "deletedDateTime",
        "keyCredentials",
        "passwordCredentials",
    ),
}
"""The properties that are kept, by kind of object; Graph returns most of them only where they are selected."""

_MEMBER_FIELDS = tuple(dict.fromkeys((*FIELDS[USER], *FIELDS[GROUP], *FIELDS[SERVICE_PRINCIPAL])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to the directory about an id or name (`{about}` in `filter`), or about the tenant.

    `builder` returns the request builder; `kind` is the `@odata.type` that Graph leaves out where an answer can contain
    only one kind of object. `named_by` is the property of each object in the answer that must equal the id or name
    asked about; `is_one` says that the answer is one object instead of a list. `right` is the permission it needs where
    that is another than the list's, `also_needs` are those without which a part of the answer is missing.
    """

    what: str
    feature: Feature
    builder: Callable[[Any, str], Any]
    kind: str = ""
    named_by: str = ""
    is_one: bool = False
    select: tuple[str, ...] = ()
    filter: str = ""
    top: int | None = None
    right: str = ""
    also_needs: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The Graph permissions that the question needs; the first is the one without which it is refused."""
        first = (self.right,) if self.right else permissions_for(self.what)
        return (*first, *self.also_needs)

    def request(self, builders: Any, about: str) -> Any:
        """Return the request, ready to be sent."""
        information = self.builder(builders, about).to_get_request_information()
        # Builders for a key such as the app id write it into a mapping that they share with other builders.
        information.path_parameters = dict(information.path_parameters)
        if self.select:
            information.query_parameters["%24select"] = ",".join(self.select)
        if self.filter:
            information.query_parameters["%24filter"] = self.filter.replace("{about}", about.replace("'", "''"))
        if self.top is not None:
            information.query_parameters["%24top"] = self.top
        return information

    @property
    def shape(self) -> ListShape:
        """The shape that an answer must have."""
        return shape_of(self.what)

    def objects_in(self, reply: Body, about: str) -> list[Body]:
        """Return the objects of an answer as they are recorded; raises `ValueError` for an answer to something else."""
        items = [reply] if self.is_one else items_of(reply, self.shape)
        return [self._checked(item, about) for item in items]

    def _checked(self, item: Body, about: str) -> Body:
        self.shape.check(item)
        if self.named_by and str(item.get(self.named_by)).lower() != about.lower():
            raise WrongShape(f"the answer is about another one: its `{self.named_by}` is not what was asked for")
        return self.body(item)

    def body(self, item: Body) -> Body:
        """Return an object of an answer as it is recorded: with its kind and without key material."""
        kept = {name: value for name, value in item.items() if name != "@odata.context"}
        if self.kind:
            kept.setdefault("@odata.type", self.kind)
        return without_keys(kept)


def without_keys(body: Body) -> Body:
    """Return an object without the key material of its credentials; their ids, dates and hints are kept."""
    for field in ("keyCredentials", "passwordCredentials"):
        if isinstance(credentials := body.get(field), list):
            body[field] = [_without_key(credential) for credential in credentials]
    return body


def _without_key(credential: object) -> object:
    if not isinstance(credential, dict):
        return credential
    return {name: REMOVED if name in {"key", "secretText"} and value else value for name, value in credential.items()}


_FIELDS_BY_KIND = {kind.lower(): fields for kind, fields in FIELDS.items()}


def reduced(body: Body) -> Body:
    """Return an object with the properties that are kept of its kind; of other kinds only id and name."""
    kept = {"@odata.type", *_FIELDS_BY_KIND.get(str(body.get("@odata.type")).lower(), ("id", "displayName"))}
    return {name: value for name, value in body.items() if name in kept}


USER_BY_ID = Question(
    what=USERS,
    feature=Feature.ACCOUNTS,
    builder=lambda graph, about: graph.users.by_user_id(about),
    kind=USER,
    select=FIELDS[USER],
    named_by="id",
    is_one=True,
)
GROUP_BY_ID = Question(
    what=GROUPS,
    feature=Feature.ACCOUNTS,
    builder=lambda graph, about: graph.groups.by_group_id(about),
    kind=GROUP,
    select=FIELDS[GROUP],
    named_by="id",
    is_one=True,
)
SERVICE_PRINCIPAL_BY_ID = Question(
    what=SERVICE_PRINCIPALS,
    feature=Feature.ACCOUNTS,
    builder=lambda graph, about: graph.service_principals.by_service_principal_id(about),
    kind=SERVICE_PRINCIPAL,
    select=FIELDS[SERVICE_PRINCIPAL],
    named_by="id",
    is_one=True,
)
SERVICE_PRINCIPAL_BY_APP_ID = Question(
    what=SERVICE_PRINCIPALS,
    feature=Feature.APPLICATIONS,
    builder=lambda graph, about: graph.service_principals_with_app_id(about),
    kind=SERVICE_PRINCIPAL,
    select=FIELDS[SERVICE_PRINCIPAL],
    named_by="appId",
    is_one=True,
)
APPLICATION_BY_APP_ID = Question(
    what=APPLICATIONS,
    feature=Feature.APPLICATIONS,
    builder=lambda graph, about: graph.applications_with_app_id(about),
    kind=APPLICATION,
    select=FIELDS[APPLICATION],
    named_by="appId",
    is_one=True,
)
APPLICATION_BY_ID = replace(
    APPLICATION_BY_APP_ID,
    builder=lambda graph, about: graph.applications.by_application_id(about),
    named_by="id",
)
DELETED_APPLICATIONS = Question(
    what=list_names.DELETED_APPLICATIONS,
    feature=Feature.APPLICATIONS,
    builder=lambda graph, _about: graph.directory.deleted_items.graph_application,
    kind=APPLICATION,
    select=FIELDS[APPLICATION],
    top=999,
)
APPLICATION_OWNERS = Question(
    what=OWNERS,
    feature=Feature.APPLICATIONS,
    builder=lambda graph, about: graph.applications.by_application_id(about).owners,
    select=_MEMBER_FIELDS,
    top=999,
)
SERVICE_PRINCIPAL_OWNERS = Question(
    what=OWNERS,
    feature=Feature.APPLICATIONS,
    builder=lambda graph, about: graph.service_principals.by_service_principal_id(about).owners,
    select=_MEMBER_FIELDS,
    top=999,
)
AUTHORIZATION_POLICY = Question(
    what=list_names.AUTHORIZATION_POLICY,
    feature=Feature.ACCOUNTS,
    builder=lambda graph, _about: graph.policies.authorization_policy,
    kind="#microsoft.graph.authorizationPolicy",
    is_one=True,
)
CONDITIONAL_ACCESS_POLICIES = Question(
    what=list_names.CONDITIONAL_ACCESS_POLICIES,
    feature=Feature.ACCOUNTS,
    builder=lambda graph, _about: graph.identity.conditional_access.policies,
    kind="#microsoft.graph.conditionalAccessPolicy",
)
DIRECTORY_ROLES = Question(
    what=list_names.DIRECTORY_ROLES,
    feature=Feature.ACCOUNTS,
    builder=lambda graph, _about: graph.role_management.directory.role_assignments,
    filter="principalId eq '{about}'",
    named_by="principalId",
)
"""Asked about a user, a service principal or a role-assignable group; roles are given by their template id."""

DIRECTORY_ELIGIBILITIES = Question(
    what=list_names.DIRECTORY_ELIGIBILITIES,
    feature=Feature.QUESTIONS,
    builder=lambda graph, _about: graph.role_management.directory.role_eligibility_schedule_instances,
    kind="#microsoft.graph.unifiedRoleEligibilityScheduleInstance",
    filter="principalId eq '{about}'",
    named_by="principalId",
)
GROUP_ELIGIBILITIES = Question(
    what=list_names.GROUP_ELIGIBILITIES,
    feature=Feature.QUESTIONS,
    builder=lambda graph, _about: graph.identity_governance.privileged_access.group.eligibility_schedule_instances,
    kind="#microsoft.graph.privilegedAccessGroupEligibilityScheduleInstance",
    filter="principalId eq '{about}'",
    named_by="principalId",
)
"""The directory roles (above) and group memberships that PIM lets a principal activate."""
TRANSITIVE_MEMBERS = Question(
    what=GROUP_MEMBERS,
    feature=Feature.QUESTIONS,
    builder=lambda graph, about: graph.groups.by_group_id(about).transitive_members,
    select=_MEMBER_FIELDS,
    top=999,
    also_needs=(HIDDEN_MEMBERS,),
)


def _groups_of(branch: Callable[[Any, str], Any], right: str = "") -> Question:
    return Question(
        what=MEMBERSHIPS,
        feature=Feature.ACCOUNTS,
        builder=lambda graph, about: branch(graph, about).transitive_member_of,
        select=FIELDS[GROUP],
        top=999,
        right=right,
        also_needs=(HIDDEN_MEMBERS,),
    )


GROUPS_OF: dict[str, Question] = {
    USER: _groups_of(USER_BY_ID.builder),
    GROUP: _groups_of(GROUP_BY_ID.builder),
    SERVICE_PRINCIPAL: _groups_of(SERVICE_PRINCIPAL_BY_ID.builder, right="Application.Read.All"),
}
"""The question about the transitive groups of an account, by the account's kind."""


QUESTIONS: tuple[Question, ...] = (
    USER_BY_ID,
    GROUP_BY_ID,
    SERVICE_PRINCIPAL_BY_ID,
    SERVICE_PRINCIPAL_BY_APP_ID,
    APPLICATION_BY_APP_ID,
    APPLICATION_BY_ID,
    DELETED_APPLICATIONS,
    APPLICATION_OWNERS,
    SERVICE_PRINCIPAL_OWNERS,
    AUTHORIZATION_POLICY,
    CONDITIONAL_ACCESS_POLICIES,
    DIRECTORY_ROLES,
    DIRECTORY_ELIGIBILITIES,
    GROUP_ELIGIBILITIES,
    TRANSITIVE_MEMBERS,
    *GROUPS_OF.values(),
)
"""Every question, for summing the permissions."""
