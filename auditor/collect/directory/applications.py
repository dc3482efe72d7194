"""The applications of the appliances, read by the app ids in the bodies of sites and collectors.

An appliance acts as its application, which may have its rights on the key vault through groups.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from auditor.collect.directory import questions as directory
from auditor.collect.directory.accounts import keep_groups
from auditor.collect.directory.client import Answer, Asked, Asker, is_missing
from auditor.collect.directory.questions import Question
from auditor.collect.listing import Body
from auditor.collect.scope import is_guid
from auditor.collect.workers import Workers
from auditor.inventory.lists import SERVICE_PRINCIPAL

_IDENTITIES = frozenset({"serviceprincipalidentitydetails", "spndetails"})
_ABOUT_APPLICATION = (directory.APPLICATION_BY_APP_ID, directory.SERVICE_PRINCIPAL_BY_APP_ID)
_OWNERS = {
    directory.APPLICATION_BY_APP_ID: directory.APPLICATION_OWNERS,
    directory.SERVICE_PRINCIPAL_BY_APP_ID: directory.SERVICE_PRINCIPAL_OWNERS,
}

_GROUPS = directory.GROUPS_OF[SERVICE_PRINCIPAL]


def app_ids(body: object) -> Iterator[str]:
    """Yield the app ids (lower case) of all appliances in the body of a site or collector."""
    if isinstance(body, list):
        for item in body:
            yield from app_ids(item)
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        if name.lower() in _IDENTITIES and isinstance(value, dict):
            app_id = value.get("applicationId")
            if isinstance(app_id, str) and is_guid(app_id):
                yield app_id.lower()
        else:
            yield from app_ids(value)


async def read_applications(ids: Sequence[str], asker: Asker) -> None:
    """Record the application and the service principal of each app id, with their owners and groups.

    Where an application was not found, the deleted ones are recorded too, since it may be restorable.
    """
    questions: list[Asked] = [(question, app_id) for app_id in ids for question in _ABOUT_APPLICATION]
    for question, app_id in questions:
        asker.recording.plan(question.what, app_id)
    further: list[Asked] = []
    all_found = True
    for (question, app_id), answer in zip(questions, await asker.ask(questions), strict=True):
        further += _keep(asker, question, app_id, answer)
        all_found &= question is not directory.APPLICATION_BY_APP_ID or isinstance(answer, list)
    deleted = [] if all_found else [partial(_read_deleted, asker)]
    await Workers().run([*deleted, partial(_read_further, further, asker)])


def _keep(asker: Asker, question: Question, app_id: str, answer: Answer) -> Iterator[Asked]:
    """Record the answer to one question, and yield those about the owners and groups of what it returned."""
    if is_missing(answer):
        asker.recording.complete(question.what, app_id, 0)
    elif not isinstance(answer, list):
        asker.refused(question, app_id, answer)
        # Owners are read by object id, which the refused answer would have contained.
        asker.refused(_OWNERS[question], app_id, answer)
    else:
        record = asker.recording.graph(answer[0], question.what, app_id)
        asker.recording.complete(question.what, app_id, 1)
        if record is not None:
            yield _OWNERS[question], record.id
        if record is not None and question is directory.SERVICE_PRINCIPAL_BY_APP_ID:
            yield _GROUPS, record.id


async def _read_deleted(asker: Asker) -> None:
    question = directory.DELETED_APPLICATIONS
    asker.recording.plan(question.what, "/")
    asker.keep(question, await asker.ask_pages(question), deleted=True)


async def _read_further(questions: Sequence[Asked], asker: Asker) -> None:
    for question, about in questions:
        asker.recording.plan(question.what, about)
    for (question, about), answer in zip(questions, await asker.ask(questions), strict=True):
        if not isinstance(answer, list):
            asker.refused(question, about, answer)
        elif question is _GROUPS:
            keep_groups(asker, about, answer)
        else:
            _keep_owners(asker, question, about, answer)


def _keep_owners(asker: Asker, question: Question, owned: str, answer: list[Body]) -> None:
    for body in answer:
        if "@odata.type" not in body:  # an owner whose kind is not stated; it is asked about by its id
            asker.recording.link("owner", owned, str(body["id"]))
            continue
        owner = asker.recording.graph(directory.reduced(body), question.what, owned)
        if owner is not None:
            asker.recording.link("owner", owned, owner.id)
    asker.recording.complete(question.what, owned, len(answer))
