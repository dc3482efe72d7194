"""The rights in Microsoft Entra that a step needs, and whether an account has them."""

from dataclasses import dataclass

from auditor.access.directory.roles import CONTROLS_APPLICATIONS, CREATES_APPLICATIONS, HeldRole
from auditor.access.verdicts import AccessAnswer, AccessVerdict
from auditor.facts.rights.application_control import ApplicationControl
from auditor.facts.rights.questions import AccountAccess, granted
from auditor.facts.rights.steps import EntraNeed

CREATE_APPLICATION = "microsoft.directory/applications/createAsOwner"
CHANGE_APPLICATION = "microsoft.directory/applications/credentials/update"
READ_SERVICE_PRINCIPALS = "microsoft.directory/servicePrincipals/standard/read"
EVERYWHERE = "/"


@dataclass(frozen=True, slots=True)
class DirectoryRight:
    """A right in the directory: its action, and its scope, which is an application id or `/` for all applications.

    `activatable` are the directory roles that would grant it once they are activated.
    """

    action: str
    scope: str
    answer: AccessAnswer
    activatable: tuple[HeldRole, ...]

    @property
    def eligible(self) -> bool:
        """Whether activating a directory role would grant it."""
        return self.answer.verdict is AccessVerdict.ELIGIBLE

    @property
    def is_missing(self) -> bool:
        """Whether the account is known to lack it now."""
        fact = granted(self.answer)
        return fact.is_false


def directory_rights(
    account: AccountAccess, need: EntraNeed | None, applications: ApplicationControl
) -> tuple[DirectoryRight, ...]:
    """Return the rights that `need` requires from one account, without those over applications it already controls.

    If the account controls all existing applications, the right is over the application that registering will create,
    which only a role over all applications covers.
    """
    access, who = account.access, account.object_id
    if need is None:
        return ()
    if need is EntraNeed.CREATE_APPLICATION:
        roles = access.activatable(who, CREATES_APPLICATIONS)
        return (DirectoryRight(CREATE_APPLICATION, EVERYWHERE, access.may_create_applications(who), roles),)
    if need is EntraNeed.READ_SERVICE_PRINCIPALS:
        return (DirectoryRight(READ_SERVICE_PRINCIPALS, EVERYWHERE, access.reads_service_principals(who), ()),)
    foreign = tuple(
        DirectoryRight(
            CHANGE_APPLICATION,
            app_id,
            access.controls_application(who, app_id),
            access.activatable(who, CONTROLS_APPLICATIONS, app_id),
        )
        for app_id in applications.foreign
    )
    roles = access.activatable(who, CONTROLS_APPLICATIONS)
    any_ = DirectoryRight(CHANGE_APPLICATION, EVERYWHERE, access.administers_applications(who), roles)
    return foreign or (any_,)
