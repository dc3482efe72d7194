"""The verdict about a Log Analytics workspace: did a deleted project leave it behind, or does anything need it?"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from auditor.facts.context import Context
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, once
from auditor.facts.ingestion import INGESTION
from auditor.facts.subject import listed
from auditor.facts.workspace_ties import Ties, ties_of
from auditor.facts.workspace_uses import DIAGNOSTICS, Serving, UsesFound
from auditor.inventory.resources.loganalytics import Workspace

UNCHECKED = (
    "agents on machines that name it in an extension's settings",
    "diagnostic settings of Entra ID, of management groups and of what is not among a subscription's resources",
    "Defender for Cloud's choice of a workspace",
    "subscriptions that the account cannot see",
)
"""What may use a workspace and is in no list that is read; all of them show in what came in."""


class WorkspaceVerdict(StrEnum):
    """What is to be thought of a workspace."""

    ORPHANED = "orphaned"
    """It was associated, every project is gone, every check of another use was read and found nothing."""
    IN_USE = "in_use"
    ATTACHED = "attached"
    """A project that exists uses it."""
    UNDECIDED = "undecided"
    NOT_MIGRATE = "not_migrate"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict about one workspace, in one sentence why, and the records and gaps that it rests on.

    `unread` is what was unread of all that could bear on it; with the verdict undecided it says what would cure that.
    """

    id: str
    name: str
    verdict: WorkspaceVerdict
    why: str
    evidence_for: tuple[Evidence, ...] = ()
    evidence_against: tuple[Evidence, ...] = ()
    unread: tuple[Gap, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def fact(self) -> Fact[str]:
        """The verdict as a fact: unknown, with its gaps, where it is undecided."""
        if self.verdict is WorkspaceVerdict.UNDECIDED:
            return Unknown(self.unread)
        return Known(self.verdict.value, once([*self.evidence_against, *self.evidence_for]))


def judgements(context: Context) -> Iterator[Judgement]:
    """Yield the judgement of every live workspace that the inventory holds, in the order of their ids."""
    found = UsesFound(context.inventory)
    for workspace in context.inventory.all(Workspace):
        yield judge(workspace, ties_of(context, workspace), found.of(workspace.arm_id))


def judge(workspace: Workspace, ties: Ties, serving: Serving) -> Judgement:
    """Return the verdict that the ties of a workspace and what else it serves come to.

    Orphaned only if association and the end of every project are proven, every check of another use was read, and none
    hit. What hides a project hides also whether the workspace is attached to it, so that no further reading can turn a
    verdict into another one: it can only settle what was undecided.
    """
    verdict, why = _verdict(ties, serving)
    unread = once([*_why(ties.associated), *_why(ties.attached), *_why(ties.gone), *serving.unread])
    alive = (item for tie in ties.found if _is(tie.alive, True) for item in (tie.because, *_because(tie.alive)))
    return Judgement(
        id=workspace.id,
        name=workspace.display_name,
        verdict=verdict,
        why=why,
        evidence_for=once([*ties.because, *_because(ties.gone), *serving.settled]) if ties.found else (),
        evidence_against=once([*alive, *serving.evidence]),
        unread=unread,
        uses=tuple(serving.hits),
    )


def _verdict(ties: Ties, serving: Serving) -> tuple[WorkspaceVerdict, str]:
    associated, attached, gone = ties.associated, ties.attached, ties.gone
    if _is(associated, False):
        return WorkspaceVerdict.NOT_MIGRATE, "nothing ties it to Azure Migrate"
    if _is(attached, True):
        alive = sorted({tie.project for tie in ties.found if _is(tie.alive, True)})
        return WorkspaceVerdict.ATTACHED, f"the project {listed(alive)}, which exists, uses it"
    if isinstance(associated, Unknown):
        return WorkspaceVerdict.UNDECIDED, f"whether Azure Migrate ever had it is not known: {_cure(associated.why)}"
    hidden = (*_why(attached), *_why(gone))
    if hidden:
        return WorkspaceVerdict.UNDECIDED, f"whether its project still exists is not known: {_cure(hidden)}"
    if serving.hits:
        return WorkspaceVerdict.IN_USE, f"it is used by {', '.join(serving.hits)}"
    if serving.unread:
        return WorkspaceVerdict.UNDECIDED, f"whether anything else uses it is not known: {_cure(serving.unread)}"
    return (
        WorkspaceVerdict.ORPHANED,
        f"the project {listed(ties.projects)} is gone, and no check of another use found anything",
    )


def _cure(gaps: tuple[Gap, ...]) -> str:
    """Say what was unread and what would cure it; of the two ways to see who sends data, that either is enough."""
    either = {DIAGNOSTICS.lower(), INGESTION.lower()} <= {gap.what.lower() for gap in gaps}
    plain = once(_sentence(gap) for gap in gaps if not (either and gap.what.lower() in _EITHER))
    return "; ".join([*plain, *([_SETTLES] if either else [])])


_EITHER = frozenset({DIAGNOSTICS.lower(), INGESTION.lower()})
_SETTLES = (
    "whether anything still sends data to it is told by the diagnostic settings of every resource (one request a "
    "resource, needs `Microsoft.Insights/diagnosticSettings/read`) or by what came in over the last 31 days (one query "
    "a workspace, needs `Microsoft.OperationalInsights/workspaces/query/read`): a deep scan (`--deep`) reads both, and "
    "one of them is enough"
)


def _sentence(gap: Gap) -> str:
    what = f"`{gap.what}` at `{gap.scope}` was not read"
    if gap.needs and gap.status in {401, 403}:
        return f"{what}: grant `{gap.needs}`"
    return f"{what}: {gap.message or gap.code}"


def _is(fact: Fact[bool], value: bool) -> bool:
    return isinstance(fact, Known) and fact.value is value


def _why(fact: Fact[bool]) -> tuple[Gap, ...]:
    return fact.why if isinstance(fact, Unknown) else ()


def _because(fact: Fact[bool]) -> tuple[Evidence, ...]:
    return fact.because if isinstance(fact, Known) else ()
