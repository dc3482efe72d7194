"""The client of the directory: many questions in few requests, each with its own answer or failure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.azure.errors import ReadFailed
from auditor.azure.graph.requests import GraphRead
from auditor.collect.directory.questions import Question
from auditor.collect.listing import Body
from auditor.collect.reader import gap_of
from auditor.collect.recording import Recording
from auditor.collect.scope import is_guid

if TYPE_CHECKING:
    from auditor.azure.graph.client import GraphClient

_SOME_ID = "5ed1f0aa-0000-4000-8000-000000000000"  # the placeholder for the id in a request that is built only once

Asked = tuple[Question, str]
"""A question and the id or name it is about."""

Answer = list[Body] | ReadFailed
"""The objects of an answer (one for a question about one object), or the failure."""


class Asker:
    """The client that asks the directory through one `GraphClient` and records gaps."""

    def __init__(self, graph: "GraphClient", recording: Recording) -> None:
        self.graph = graph
        self.recording = recording
        self._described: dict[Question, GraphRead] = {}

    async def ask(self, asked: Iterable[Asked]) -> list[Answer]:
        """Return the answers in the order of the questions, without recording anything."""
        questions = list(asked)
        if not questions:
            return []
        try:
            await self.graph.load()
            requests = [self._request(question, about) for question, about in questions]
            replies = await self.graph.batch(requests)
        except ReadFailed as failure:
            return [failure] * len(questions)
        return [_answer(*one, reply) for one, reply in zip(questions, replies, strict=True)]

    async def ask_pages(self, question: Question, about: str = "") -> Answer:
        """Return the answer to one question, which may have many pages."""
        items: list[Body] = []
        try:
            await self.graph.load()
            async for page in self.graph.pages(question.request(self.graph.builders, about), question.shape):
                items.extend(question.body(item) for item in page)
        except ReadFailed as failure:
            return failure
        return items

    def keep(self, question: Question, answer: Answer, *, deleted: bool = False) -> None:
        """Record the answer to a question about the whole directory: its objects and the read, or the gap."""
        if not isinstance(answer, list):
            self.refused(question, "/", answer)
            return
        for body in answer:
            self.recording.graph(body, question.what, "/", deleted=deleted)
        self.recording.complete(question.what, "/", len(answer))

    def _request(self, question: Question, about: str) -> GraphRead:
        """Return the request; for GUIDs it is built once per question, since building one takes milliseconds."""
        if not is_guid(about):
            return self.graph.described(question.request(self.graph.builders, about))
        if question not in self._described:
            self._described[question] = self.graph.described(question.request(self.graph.builders, _SOME_ID))
        described = self._described[question]
        return replace(described, url=described.url.replace(_SOME_ID, about))

    def refused(self, question: Question, scope: str, failure: ReadFailed) -> None:
        """Record that a question about `scope` was not answered."""
        self.recording.gap(gap_of(question.what, scope, question.needs[0], failure))


def _answer(question: Question, about: str, reply: Body | ReadFailed) -> Answer:
    if isinstance(reply, ReadFailed):
        return reply
    try:
        return question.objects_in(reply, about)
    except ValueError as wrong:
        return ReadFailed(200, "UnexpectedShape", str(wrong), question.what)


_MISSING = frozenset({"request_resourcenotfound", "resourcenotfound"})
"""Error codes of Graph for an object that does not exist; any other 404 may come from a proxy."""


def is_missing(answer: Answer) -> bool:
    """Return whether the directory answered that there is no such object."""
    return (
        isinstance(answer, ReadFailed)
        and answer.status == 404
        and answer.documented
        and answer.code.lower() in _MISSING
    )
