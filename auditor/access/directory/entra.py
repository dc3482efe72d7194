"""Rights over applications in the directory: registering them, and controlling one or all of them."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from auditor.access.directory.eligibilities import DirectoryEligibilities
from auditor.access.directory.principals import PrincipalIdentities, Principals
from auditor.access.directory.roles import (
    CONTROLS_APPLICATIONS,
    CREATES_APPLICATIONS,
    HANDS_OUT_ROLES,
    MAKES_ITSELF_OWNER,
    READS_DIRECTORY,
    DirectoryRole,
    HeldRole,
    directory_role,
)
from auditor.access.verdicts import AccessAnswer, AccessVerdict, Note, NoteKind, Reason, ReasonKind, answer
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import (
    APPLICATIONS,
    AUTHORIZATION_POLICY,
    DIRECTORY_ROLES,
    OWNERS,
    SERVICE_PRINCIPALS,
    USERS,
)
from auditor.inventory.reads import NOT_READ, UNDOCUMENTED, Gap
from auditor.inventory.resources.directory import (
    Application,
    AuthorizationPolicy,
    DeletedApplication,
    DirectoryObject,
    Group,
    ServicePrincipal,
    User,
)

GUEST_AS_MEMBER = "a0b1b346-4d3e-4e8b-98f8-753987be4970"
GUEST_RESTRICTED = "2af84b1e-32c8-42b7-82bc-daa82404023b"
"""The most restricted setting for guests: a guest may read only its own object."""


class EntraRights:
    """The decision procedures for rights over applications."""

    def __init__(self, inventory: Inventory, principals: Principals) -> None:
        """Keep the collaborators."""
        self._inventory = inventory
        self._principals = principals
        self._eligibilities = DirectoryEligibilities(inventory)

    def roles(self, identities: PrincipalIdentities) -> tuple[HeldRole, ...]:
        """Return the active directory roles of the principal and its groups, as far as they were read."""
        return self._of(identities.sure)

    def _of(self, holders: Iterable[str]) -> tuple[HeldRole, ...]:
        found = [
            HeldRole(role, holder, link.scope.strip())
            for holder in holders
            for link in self._inventory.links("directoryRole", holder)
            if (role := directory_role(link.to)) is not None
        ]
        return tuple(sorted(found, key=lambda held: (held.role.name, held.holder, held.scope)))

    def roles_unread(self, identities: PrincipalIdentities) -> tuple[Gap, ...]:
        """Return the gaps in the directory roles of the principal and its role-assignable groups."""
        unread = (gap for holder in self._holders(identities) for gap in self._inventory.gaps(DIRECTORY_ROLES, holder))
        doubtful = [
            holder for holder in identities.perhaps if self._of((holder,)) or self._eligibilities.held((holder,))
        ]
        doubts = (gap for holder in doubtful for gap in self._principals.doubt(identities, holder, None))
        return (*unread, *identities.gaps, *doubts)

    def _offers_unread(self, identities: PrincipalIdentities) -> tuple[Gap, ...]:
        """Return the gaps in roles and memberships that the principal may activate, without lists never requested."""
        joined = tuple(self._carriers(identities.eligible))
        held = (gap for group in joined for gap in self._inventory.gaps(DIRECTORY_ROLES, group) if gap.code != NOT_READ)
        roles = self._eligibilities.unread((*self._holders(identities), *joined))
        return (*held, *roles, *self._principals.unread_offers(identities))

    def _holders(self, identities: PrincipalIdentities) -> Iterable[str]:
        """Return the principal and those of its groups that can hold a directory role."""
        return dict.fromkeys((identities.principal, *self._carriers((*identities.sure, *identities.perhaps))))

    def _carriers(self, members: Iterable[str]) -> Iterator[str]:
        """Yield those of `members` that are or may be role-assignable groups; no other group holds directory roles."""
        for member in members:
            held = self._inventory.object(member)
            if held is None or (isinstance(held, Group) and held.is_assignable_to_role):
                yield member

    def activatable(
        self, identities: PrincipalIdentities, roles: frozenset[DirectoryRole], app_id: str | None = None
    ) -> tuple[HeldRole, ...]:
        """Return which of `roles` the principal or its groups may activate now (PIM), or would get by joining a group.

        Only roles over the whole directory or over the application `app_id` count.
        """
        owned = [] if app_id is None else [self._application(app_id), self._service_principal(app_id)]
        things = [thing for thing in owned if thing is not None]
        held = (*self._eligibilities.held((*identities.sure, *identities.eligible)), *self._of(identities.eligible))
        return tuple(item for item in held if item.role in roles and _reaches(item, things))

    def may_create_applications(self, identities: PrincipalIdentities) -> AccessAnswer:
        """Return whether the principal may register applications: by a role, or by the tenant's default for members.

        Roles over an administrative unit or one application do not count. Guests have no such right by default.
        """
        holding = [held for held in self.roles(identities) if held.tenant_wide and held.role in CREATES_APPLICATIONS]
        if holding:
            return answer(AccessVerdict.ALLOW, self._held(identities, holding))
        by_default = self._as_member(identities)
        if by_default.verdict is AccessVerdict.ALLOW:
            return by_default
        unread = (*by_default.gaps, *self.roles_unread(identities))
        offered = self.activatable(identities, CREATES_APPLICATIONS)
        if offered:
            return answer(AccessVerdict.ELIGIBLE, self._offered(identities, offered), unread)
        unread = (*unread, *self._offers_unread(identities))
        return answer(AccessVerdict.UNKNOWN if unread else AccessVerdict.DENY, by_default.because, unread)

    def _as_member(self, identities: PrincipalIdentities) -> AccessAnswer:
        """Return whether the tenant's authorization policy lets the account register applications without a role."""
        held = self._inventory.object(identities.principal)
        if isinstance(held, ServicePrincipal):
            text = "the tenant's default rights are for users; a service principal needs a Graph permission or a role"
            return answer(
                AccessVerdict.DENY,
                (Reason(ReasonKind.TENANT_POLICY, held.id, text),),
                self._inventory.gaps("graph/appRoleAssignments", identities.principal),
            )
        if not isinstance(held, User):
            return answer(
                AccessVerdict.UNKNOWN, (), self._unseen(USERS, identities.principal, "the account was not read")
            )
        if held.is_guest is None:
            return answer(AccessVerdict.UNKNOWN, (), self._unseen(USERS, held.id, "`userType` was not read"))
        return self._by_policy(held)

    def _by_policy(self, user: User) -> AccessAnswer:
        policy = next(iter(self._inventory.objects(AuthorizationPolicy)), None)
        if policy is None:
            unread = self._unseen(AUTHORIZATION_POLICY, "/", "the tenant's authorization policy was not read")
            if user.is_guest:
                return answer(AccessVerdict.DENY, (_guest(user),), unread)
            return answer(AccessVerdict.UNKNOWN, (), unread)
        if user.is_guest:
            return _for_guest(user, policy)
        defaults = policy.default_user_role_permissions
        allowed = None if defaults is None else defaults.allowed_to_create_apps
        if allowed is None:
            return answer(
                AccessVerdict.UNKNOWN,
                (),
                self._unseen(AUTHORIZATION_POLICY, "/", "`allowedToCreateApps` was not returned"),
            )
        text = f"the tenant {'lets' if allowed else 'does not let'} its members register applications"
        reason = Reason(ReasonKind.TENANT_POLICY, policy.id, f"{text} (`allowedToCreateApps`)")
        return answer(AccessVerdict.ALLOW if allowed else AccessVerdict.DENY, (reason,))

    def reads_service_principals(self, identities: PrincipalIdentities) -> AccessAnswer:
        """Return whether the principal may read service principals: all but guests under the most restricted setting.

        Such a guest needs a directory role. Application Developer is none that reads; other roles than those known to
        read the directory leave the answer open. A group counts like a guest, since its members may be guests.
        """
        held = self._inventory.object(identities.principal)
        policy = next(iter(self._inventory.objects(AuthorizationPolicy)), None)
        setting = None if policy is None else policy.guest_user_role_id
        perhaps_guest = isinstance(held, Group) or (isinstance(held, User) and held.is_guest is not False)
        if perhaps_guest and setting is None:
            unread = self._unseen(AUTHORIZATION_POLICY, "/", "the tenant's setting for guests was not read")
            return answer(AccessVerdict.UNKNOWN, (), unread)
        if held is None or not perhaps_guest or (setting or "").lower() != GUEST_RESTRICTED:
            return answer(AccessVerdict.ALLOW)
        if isinstance(held, User) and held.is_guest is None:
            return answer(AccessVerdict.UNKNOWN, (), self._unseen(USERS, held.id, "`userType` was not read"))
        return self._read_by_role(identities, held)

    def _read_by_role(self, identities: PrincipalIdentities, guest: DirectoryObject) -> AccessAnswer:
        """Return whether a directory role over the whole directory lets a guest read service principals."""
        held = {
            member: self._inventory.links("directoryRole", member) for member in (*identities.sure, *identities.perhaps)
        }
        ids = {
            member: {link.to.strip().lower() for link in links if link.scope.strip() in {"", "/"}}
            for member, links in held.items()
        }
        reading = [role for member in identities.sure for role in sorted(ids[member] & READS_DIRECTORY.keys())]
        if reading:
            text = f"the account holds {READS_DIRECTORY[reading[0]]}"
            return answer(AccessVerdict.ALLOW, (Reason(ReasonKind.DIRECTORY_ROLE, reading[0], text),))
        unread = list(self.roles_unread(identities))
        if set().union(*ids.values()) - {DirectoryRole.APPLICATION_DEVELOPER.value}:
            message = "whether the guest holds a directory role that reads service principals could not be decided"
            unread.append(Gap(DIRECTORY_ROLES, guest.id, 0, UNDOCUMENTED, message))
        text = "under the tenant's setting for guests, a guest may read only its own object (`guestUserRoleId`)"
        reason = Reason(ReasonKind.TENANT_POLICY, guest.id, text)
        return answer(AccessVerdict.UNKNOWN if unread else AccessVerdict.DENY, (reason,), unread)

    def administers_applications(self, identities: PrincipalIdentities) -> AccessAnswer:
        """Return whether the principal holds a tenant-wide role over applications, which includes future ones."""
        holding = [held for held in self.roles(identities) if held.tenant_wide and held.role in CONTROLS_APPLICATIONS]
        if holding:
            return answer(AccessVerdict.ALLOW, self._held(identities, holding))
        unread = self.roles_unread(identities)
        offered = self.activatable(identities, CONTROLS_APPLICATIONS)
        if offered:
            return answer(AccessVerdict.ELIGIBLE, self._offered(identities, offered), unread)
        unread = (*unread, *self._offers_unread(identities))
        text = "the account holds no directory role over all applications"
        reason = Reason(ReasonKind.NOTHING, identities.principal, text)
        return answer(AccessVerdict.UNKNOWN, (), unread) if unread else answer(AccessVerdict.DENY, (reason,))

    def controls_application(self, identities: PrincipalIdentities, app_id: str) -> AccessAnswer:
        """Return whether the principal may change an application and its credentials.

        Its owners and those of its service principal may, as well as holders of some directory roles, tenant-wide or
        over this application. For an application that is known not to exist the answer is `DENY` and says so.
        """
        application, service_principal = self._application(app_id), self._service_principal(app_id)
        owned = [thing for thing in (application, service_principal) if thing is not None]
        because = list(self._owning(identities, owned))
        holding = [
            held for held in self.roles(identities) if held.role in CONTROLS_APPLICATIONS and _reaches(held, owned)
        ]
        because.extend(self._held(identities, holding))
        if because and owned:
            return answer(AccessVerdict.ALLOW, because)
        return self._no_control(identities, app_id, owned)

    def _no_control(
        self, identities: PrincipalIdentities, app_id: str, owned: list[Application | ServicePrincipal]
    ) -> AccessAnswer:
        unread = [gap for thing in owned for gap in self._inventory.gaps(OWNERS, thing.id)]
        unread.extend(self._missing(app_id, owned))
        notes = tuple(self._ways_to_own(identities))
        if not owned and not unread:
            return answer(AccessVerdict.DENY, (self._absent(app_id),), (), notes)
        unread.extend(self.roles_unread(identities))
        offered = self.activatable(identities, CONTROLS_APPLICATIONS, app_id)
        if offered and owned:
            return answer(AccessVerdict.ELIGIBLE, self._offered(identities, offered), unread, notes)
        unread.extend(self._offers_unread(identities))
        if unread:
            return answer(AccessVerdict.UNKNOWN, (), unread, notes)
        text = "the account neither owns the application nor holds a directory role over it"
        return answer(AccessVerdict.DENY, (Reason(ReasonKind.NOTHING, app_id, text),), (), notes)

    def _owning(self, identities: PrincipalIdentities, owned: list[Application | ServicePrincipal]) -> Iterator[Reason]:
        for thing in owned:
            for link in self._inventory.links("owner", thing.id):
                if link.to.lower() == identities.principal:
                    what = "application" if isinstance(thing, Application) else "service principal"
                    yield Reason(ReasonKind.OWNER, thing.id, f"the account owns the {what} `{thing.label}`")

    def _missing(self, app_id: str, owned: list[Application | ServicePrincipal]) -> Iterator[Gap]:
        """Yield the gaps that may hide the application or service principal."""
        kinds = {type(thing) for thing in owned}
        if Application not in kinds:
            yield from self._inventory.gaps(APPLICATIONS, app_id)
        if ServicePrincipal not in kinds:
            yield from self._inventory.gaps(SERVICE_PRINCIPALS, app_id)

    def _absent(self, app_id: str) -> Reason:
        key = app_id.strip().lower()
        deleted = [
            thing
            for thing in self._inventory.objects(DeletedApplication)
            if key in {thing.id.lower(), (thing.app_id or "").lower()}
        ]
        if deleted:
            text = f"the application `{deleted[0].label}` was deleted; it can be restored for 30 days"
            return Reason(ReasonKind.NOTHING, deleted[0].id, text)
        return Reason(ReasonKind.NOTHING, app_id, "the directory has no application with this id")

    def _ways_to_own(self, identities: PrincipalIdentities) -> Iterator[Note]:
        for held in self.roles(identities):
            if held.tenant_wide and held.role in MAKES_ITSELF_OWNER:
                text = f"{held.role.title} may make itself owner of the application first"
                yield Note(NoteKind.ESCALATION, held.role.value, text)
            if held.tenant_wide and held.role in HANDS_OUT_ROLES:
                text = f"{held.role.title} may give itself a directory role over applications first"
                yield Note(NoteKind.ESCALATION, held.role.value, text)

    def _held(self, identities: PrincipalIdentities, holding: list[HeldRole]) -> Iterator[Reason]:
        for held in holding:
            where = "" if held.tenant_wide else f" over `{held.scope}`"
            yield Reason(ReasonKind.DIRECTORY_ROLE, held.role.value, f"the account holds {held.role.title}{where}")
            yield from self._principals.reasons(identities, held.holder)

    def _offered(self, identities: PrincipalIdentities, offered: Iterable[HeldRole]) -> Iterator[Reason]:
        for held in offered:
            where = "" if held.tenant_wide else f" over `{held.scope}`"
            text = f"the account may activate {held.role.title}{where} (PIM)"
            yield Reason(ReasonKind.DIRECTORY_ELIGIBILITY, held.role.value, text)
            yield from self._principals.reasons(identities, held.holder)

    def _unseen(self, what: str, scope: str, message: str) -> tuple[Gap, ...]:
        return self._inventory.gaps(what, scope) or (Gap(what, scope, 0, "NotHeld", message),)

    def _application(self, app_id: str) -> Application | None:
        return self._applications.get(app_id.strip().lower())

    def _service_principal(self, app_id: str) -> ServicePrincipal | None:
        key = app_id.strip().lower()
        application = self._application(app_id)
        return self._service_principals.get((application.app_id or "").lower() if application else key)

    @cached_property
    def _applications(self) -> dict[str, Application]:
        live = [thing for thing in self._inventory.objects(Application) if not isinstance(thing, DeletedApplication)]
        return {thing.id.lower(): thing for thing in live} | {
            thing.app_id.lower(): thing for thing in live if thing.app_id
        }

    @cached_property
    def _service_principals(self) -> dict[str, ServicePrincipal]:
        held = self._inventory.objects(ServicePrincipal)
        return {thing.id.lower(): thing for thing in held} | {
            thing.app_id.lower(): thing for thing in held if thing.app_id
        }


def _reaches(held: HeldRole, owned: Iterable[Application | ServicePrincipal]) -> bool:
    """Return whether a role applies to an application: tenant-wide, or over it or its service principal."""
    return held.tenant_wide or held.scope.lower() in {f"/{thing.id.lower()}" for thing in owned}


def _for_guest(user: User, policy: AuthorizationPolicy) -> AccessAnswer:
    """Return the answer for a guest: by default, guests may not register applications.

    A tenant can give guests the same access as members. Whether that includes registering applications is not
    documented, so the answer is unknown there. Only this function decides that.
    """
    if (policy.guest_user_role_id or "").lower() != GUEST_AS_MEMBER:
        return answer(AccessVerdict.DENY, (_guest(user),))
    message = "guests have the same access as members here; whether they may register applications is not documented"
    return answer(AccessVerdict.UNKNOWN, (_guest(user),), (Gap(AUTHORIZATION_POLICY, "/", 0, UNDOCUMENTED, message),))


def _guest(user: User) -> Reason:
    return Reason(ReasonKind.TENANT_POLICY, user.id, "guests may not register applications by default")
