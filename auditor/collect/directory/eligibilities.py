"""The eligibilities of accounts in the directory (PIM), and the members of the groups that hold a role."""

from collections.abc import Iterable, Sequence
from functools import partial

from auditor.azure.errors import ReadFailed
from auditor.collect.directory import questions as directory
from auditor.collect.directory.accounts import NamedAccount
from auditor.collect.directory.client import Asked, Asker
from auditor.collect.directory.principals import principal_ids
from auditor.collect.listing import Body
from auditor.collect.readers import authorization, key_vaults
from auditor.collect.recording import Recording
from auditor.collect.scope import is_guid
from auditor.collect.workers import Workers
from auditor.inventory.lists import GROUP_MEMBERS, HIDDEN_MEMBERS
from auditor.inventory.reads import HIDDEN, Gap

_ROLES_OF = (authorization.ROLE_ASSIGNMENTS.what, authorization.ELIGIBILITY.what, authorization.ACTIVATION.what)


async def read_eligibilities(accounts: Iterable[NamedAccount], asker: Asker) -> None:
    """Record the directory roles and the group memberships that the accounts may activate.

    The role-assignable groups of the accounts are included, as their members share the eligibilities of the group.
    Without the licence for PIM nobody can be eligible, so that refusal proves the list empty.
    """
    own = list(dict.fromkeys(one.object_id for one in accounts))
    about = list(dict.fromkeys((*own, *_carriers(asker.recording, own))))
    questions: list[Asked] = [(directory.DIRECTORY_ELIGIBILITIES, one) for one in about]
    questions += [(directory.GROUP_ELIGIBILITIES, one) for one in about]
    for question, one in questions:
        asker.recording.plan(question.what, one)
    for (question, one), answer in zip(questions, await asker.ask(questions), strict=True):
        if isinstance(answer, ReadFailed) and answer.code.lower() not in authorization.NO_PIM:
            asker.refused(question, one, answer)
            continue
        bodies = answer if isinstance(answer, list) else []
        for body in bodies:
            asker.recording.graph(body, question.what, one)
        asker.recording.complete(question.what, one, len(bodies))


def _carriers(recording: Recording, accounts: Sequence[str]) -> list[str]:
    """Return the role-assignable groups that the accounts belong to."""
    wanted = {one.lower() for one in accounts}
    found = []
    for link in recording.links("transitiveMemberOf"):
        group = recording.object(link.to)
        if link.from_.lower() in wanted and group is not None and group.get("isAssignableToRole"):
            found.append(link.to)
    return sorted(set(found))


async def read_members(asker: Asker, places: Iterable[str]) -> None:
    """Record the transitive members of the groups that hold a role at `places` or above them.

    For a key vault at one of `places`, the groups in its access policies are included.
    """
    recording, wanted = asker.recording, tuple(place.lower() for place in places)
    groups = {
        identity.lower()
        for body in recording.bodies(*_ROLES_OF)
        if (identity := _group_reaching(body, wanted)) is not None
    }
    vaults = [body for body in recording.bodies(key_vaults.VAULTS.what) if _holds(str(body.get("id")).lower(), wanted)]
    groups |= {named for body in vaults for named in principal_ids(body) if _is_group(recording.object(named))}
    await Workers().run(partial(_read_members_of, asker, group) for group in sorted(groups))


async def read_asked_members(asker: Asker, accounts: Iterable[str]) -> None:
    """Record the members of the groups among the accounts that are asked about, and of groups that hide them.

    A gap where a group hides its members and the directory shows none.
    """
    recording = asker.recording
    hidden = recording.groups_hiding_members() | {one for one in accounts if _is_group(recording.object(one))}
    unread = [group for group in hidden if not recording.has_ended(GROUP_MEMBERS, group)]
    await Workers().run(partial(_read_members_of, asker, group) for group in sorted(unread))


def _holds(outer: str, places: Sequence[str]) -> bool:
    """Return whether one of `places` is `outer` or inside it."""
    return any(place == outer or place.startswith(f"{outer}/") for place in places)


def _is_group(body: Body | None) -> bool:
    return body is not None and str(body.get("@odata.type")).lower().endswith(".group")


def _group_reaching(body: Body, places: Sequence[str]) -> str | None:
    """Return the group of an assignment made at one of `places` or above, otherwise None."""
    properties = body.get("properties")
    if not isinstance(properties, dict) or str(properties.get("principalType")).lower() != "group":
        return None
    identity, scope = properties.get("principalId"), str(properties.get("scope") or "").lower().rstrip("/")
    outside = not scope.startswith("/subscriptions/")
    reaches = outside or _holds(scope, places)
    return identity if reaches and isinstance(identity, str) and is_guid(identity) else None


async def _read_members_of(asker: Asker, group: str) -> None:
    question = directory.TRANSITIVE_MEMBERS
    asker.recording.plan(question.what, group)
    answer = await asker.ask_pages(question, group)
    if isinstance(answer, ReadFailed):
        asker.refused(question, group, answer)
        return
    if not answer and asker.recording.hides_members(group):
        message = "the group hides its members, and the directory showed none"
        asker.recording.gap(Gap(question.what, group, 200, HIDDEN, message, HIDDEN_MEMBERS))
        return
    for body in answer:
        member = asker.recording.graph(directory.reduced(body), question.what, group)
        if member is not None:
            asker.recording.link("transitiveMemberOf", member.id, group)
    asker.recording.complete(question.what, group, len(answer))
