"""What a step needs in the directory and its account is known not to have."""

from dataclasses import dataclass

from auditor.access.directory.roles import CONTROLS_APPLICATIONS, CREATES_APPLICATIONS, HeldRole
from auditor.access.verdicts import AccessAnswer, AccessVerdict
from auditor.facts.rights.application_control import ApplicationControl
from auditor.facts.rights.questions import AccountAccess, granted
from auditor.facts.rights.steps import EntraNeed

CREATE_APPLICATION = "microsoft.directory/applications/createAsOwner"
CHANGE_APPLICATION = "microsoft.directory/applications/credentials/update"
EVERYWHERE = "/"


@dataclass(frozen=True, slots=True)
class DirectoryRight:
    """A right in the directory: its action, and the application id that it is asked over, or `/` for any.

    `activatable` are the directory roles that would give it once they are activated.
    """

    action: str
    scope: str
    answer: AccessAnswer
    activatable: tuple[HeldRole, ...]

    @property
    def eligible(self) -> bool:
        """Whether it is within reach by activating a directory role."""
        return self.answer.verdict is AccessVerdict.ELIGIBLE

    @property
    def is_missing(self) -> bool:
        """Whether the account is known not to have it now."""
        fact = granted(self.answer)
        return fact.is_false


def directory_rights(
    account: AccountAccess, need: EntraNeed | None, applications: ApplicationControl
) -> tuple[DirectoryRight, ...]:
    """Return the rights that `need` comes to for one account, those over applications that it may change left out.

    Where no application is out of reach, it is the one that registering is going to make, which only a role over all of
    them reaches.
    """
    access, who = account.access, account.object_id
    if need is None:
        return ()
    if need is EntraNeed.CREATE_APPLICATION:
        roles = access.activatable(who, CREATES_APPLICATIONS)
        return (DirectoryRight(CREATE_APPLICATION, EVERYWHERE, access.may_create_applications(who), roles),)
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
