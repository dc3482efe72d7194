"""The accounts a scan is about: found by any of their names, and read with their groups and directory roles."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from auditor.azure.errors import ReadFailed
from auditor.collect.directory import questions as directory
from auditor.collect.directory.client import Answer, Asked, Asker, is_missing
from auditor.collect.directory.questions import Question
from auditor.collect.listing import Body
from auditor.collect.request import UnknownAccount
from auditor.collect.scope import is_guid
from auditor.inventory.lists import APPLICATION, GROUP, GROUPS, MEMBERSHIPS
from auditor.inventory.reads import Gap

if TYPE_CHECKING:
    from auditor.azure.auth.identity import Identity

GUEST_MARK = "#EXT#"
_LONGEST = 320

_BY_ID: tuple[Question, ...] = (
    directory.USER_BY_ID,
    directory.SERVICE_PRINCIPAL_BY_ID,
    directory.GROUP_BY_ID,
    directory.SERVICE_PRINCIPAL_BY_APP_ID,
    directory.APPLICATION_BY_ID,
)
"""The meanings of a GUID in the order they are tried: object id of an account, app id, object id of an application."""

USERS_NAMED = replace(
    directory.USER_BY_ID,
    builder=lambda graph, _about: graph.users,
    named_by="",
    is_one=False,
    filter="userPrincipalName eq '{about}' or mail eq '{about}' or mailNickname eq '{about}'",
)
_GUESTS_NAMED = replace(USERS_NAMED, filter="mailNickname eq '{about}'")


def _titled(question: Question, builder: Callable[[Any, str], Any]) -> Question:
    """Return the question about an object by its id, changed to ask by its display name."""
    return replace(
        question, builder=builder, named_by="displayName", is_one=False, filter="displayName eq '{about}'", top=5
    )


_BY_TITLE = (
    _titled(directory.GROUP_BY_ID, lambda graph, _about: graph.groups),
    _titled(directory.SERVICE_PRINCIPAL_BY_ID, lambda graph, _about: graph.service_principals),
)
"""The meanings of a text without `@`: the display name of a group or of a service principal."""
_USERS_LIKE = replace(
    USERS_NAMED,
    filter="startswith(userPrincipalName,'{about}') or startswith(mail,'{about}') or startswith(displayName,'{about}')",
    top=50,
)


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account that was found: its object id and its kind (an `@odata.type`)."""

    object_id: str
    kind: str


class AccountFinder:
    """The finder of accounts by their names, which records their directory objects."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._recording = asker.recording

    async def signed_in(self, identity: "Identity") -> NamedAccount | None:
        """Record and return the signed-in account; None for a service principal that is not in this directory.

        Its id and kind come from the token, so it is returned even where the directory refuses to describe it.
        """
        is_user = identity.type == "User"
        question = directory.USER_BY_ID if is_user else directory.SERVICE_PRINCIPAL_BY_ID
        [answer] = await self._asker.ask([(question, identity.object_id)])
        if is_missing(answer):
            return None
        if isinstance(answer, list):
            self._keep(question, answer[0], identity.object_id)
        else:
            self._asker.refused(question, identity.object_id, answer)
        return NamedAccount(identity.object_id, question.kind)

    async def find(self, texts: Sequence[str]) -> list[NamedAccount]:
        """Record the accounts that `texts` name and return those that were found.

        One that the directory refuses to look up is a gap. Raises `UnknownAccount` for one that a readable directory
        does not contain, or contains more than once.
        """
        asked = [list(_questions(text.strip())) for text in texts]
        for text, questions in zip(texts, asked, strict=True):
            if not questions:
                raise UnknownAccount(text)
            self._recording.plan(questions[0][0].what, text.strip())
        answers = await self._asker.ask(one for questions in asked for one in questions)
        found = []
        for text, questions in zip(texts, asked, strict=True):
            own, answers = answers[: len(questions)], answers[len(questions) :]
            account = await self._settle(text.strip(), questions, own)
            found += [] if account is None else [account]
        return found

    async def _settle(self, text: str, questions: list[Asked], answers: list[Answer]) -> NamedAccount | None:
        self._recording.withdraw(questions[0][0].what, text)
        for (question, _), answer in zip(questions, answers, strict=True):
            bodies = _best(text, answer) if isinstance(answer, list) else []
            if len(bodies) > 1:
                raise UnknownAccount(text, several=sorted(f"{_name(body)} ({body.get('id')})" for body in bodies))
            if bodies and question.kind == APPLICATION:
                return await self._of_application(question, bodies[0])
            if bodies:
                return self._keep(question, bodies[0], str(bodies[0].get("id")))
        refusals = [
            (question, answer)
            for (question, _), answer in zip(questions, answers, strict=True)
            if isinstance(answer, ReadFailed) and not is_missing(answer)
        ]
        if not refusals:
            raise UnknownAccount(text, near=await self._like(text))
        for question, answer in refusals:
            self._asker.refused(question, text, answer)
        return None

    async def _of_application(self, question: Question, body: Body) -> NamedAccount | None:
        """Record an application and return its service principal, which can hold roles; None without one."""
        self._keep(question, body, str(body.get("id")))
        own, app_id = directory.SERVICE_PRINCIPAL_BY_APP_ID, str(body.get("appId"))
        [answer] = await self._asker.ask([(own, app_id)])
        if isinstance(answer, list):
            return self._keep(own, answer[0], str(answer[0].get("id")))
        if not is_missing(answer):
            self._asker.refused(own, app_id, answer)
        return None

    def _keep(self, question: Question, body: Body, object_id: str) -> NamedAccount:
        self._recording.graph(body, question.what, object_id)
        self._recording.complete(question.what, object_id, 1)
        return NamedAccount(object_id, question.kind)

    async def _like(self, text: str) -> list[str]:
        """Return similar names, as suggestions for a typing error; none after a refusal."""
        answer = await self._asker.ask_pages(_USERS_LIKE, text[:3])
        return [_name(body) for body in answer] if isinstance(answer, list) else []


async def read_reach(accounts: Iterable[NamedAccount], asker: Asker) -> None:
    """Record the groups of the accounts, and the directory roles of the accounts and of those groups."""
    every = list(dict.fromkeys(accounts))
    questions: list[Asked] = [(directory.GROUPS_OF[one.kind], one.object_id) for one in every]
    questions += [(directory.DIRECTORY_ROLES, one.object_id) for one in every]
    for question, about in questions:
        asker.recording.plan(question.what, about)
    answers = await asker.ask(questions)
    carriers: dict[str, None] = {}
    for (question, about), answer in zip(questions, answers, strict=True):
        if not isinstance(answer, list):
            asker.refused(question, about, answer)
        elif question is directory.DIRECTORY_ROLES:
            _keep_roles(asker, about, answer)
        else:
            carriers |= dict.fromkeys(keep_groups(asker, about, answer))
    await _read_roles(asker, [group for group in carriers if group not in {one.object_id for one in every}])


async def _read_roles(asker: Asker, principals: Sequence[str]) -> None:
    questions = [(directory.DIRECTORY_ROLES, principal) for principal in principals]
    for (question, about), answer in zip(questions, await asker.ask(questions), strict=True):
        if isinstance(answer, list):
            _keep_roles(asker, about, answer)
        else:
            asker.refused(question, about, answer)


def keep_groups(asker: Asker, member: str, answer: list[Body]) -> list[str]:
    """Record groups and memberships, and return the role-assignable groups."""
    carriers, what = [], MEMBERSHIPS
    groups = [body for body in answer if str(body.get("@odata.type")).lower() == GROUP]
    for body in groups:
        group = str(body.get("id"))
        if asker.recording.graph(body, what, member) is None:
            continue
        asker.recording.link("transitiveMemberOf", member, group)
        if body.get("isAssignableToRole"):
            carriers.append(group)
        if all(value is None for name, value in body.items() if name not in {"id", "@odata.type"}):
            message = "the directory returns only the id of this group"
            asker.recording.gap(Gap(GROUPS, group, 200, "OnlyIdTold", message, directory.GROUP_BY_ID.needs[0]))
    asker.recording.complete(what, member, len(groups))
    return carriers


def _keep_roles(asker: Asker, principal: str, answer: list[Body]) -> None:
    for body in answer:
        where = str(body.get("directoryScopeId") or "/")
        role = str(body.get("roleDefinitionId"))
        asker.recording.link("directoryRole", principal, role, "" if where == "/" else where)
    asker.recording.complete(directory.DIRECTORY_ROLES.what, principal, len(answer))


def _questions(text: str) -> Iterable[Asked]:
    """Yield the questions that may find an account by its name; none for a text that cannot be a name."""
    if not text or len(text) > _LONGEST or not text.isprintable():
        return
    if is_guid(text):
        yield from ((question, text.lower()) for question in _BY_ID)
        return
    yield USERS_NAMED, text
    if "@" in text and GUEST_MARK not in text.upper():
        yield _GUESTS_NAMED, text.replace("@", "_") + GUEST_MARK
    if "@" not in text:
        yield from ((question, text) for question in _BY_TITLE)


def _best(text: str, bodies: list[Body]) -> list[Body]:
    """Return the objects that match `text` best: by UPN, otherwise by mail, otherwise by nickname."""
    for field in ("userPrincipalName", "mail"):
        same = [body for body in bodies if str(body.get(field)).casefold() == text.casefold()]
        if same:
            return same
    return bodies


def _name(body: Body) -> str:
    return str(body.get("userPrincipalName") or body.get("mail") or body.get("displayName") or body.get("id"))
