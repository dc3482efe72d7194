"""What else deleted projects left behind: assessment projects, sites, key vaults, applications, each with its owner."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from auditor.facts.application import application_name
from auditor.facts.context import Context
from auditor.facts.estate import PROJECTS
from auditor.facts.fact import Evidence, Fact, Gap, Known, Unknown, not_, once
from auditor.facts.left_over import projects_gone
from auditor.facts.presence import exists
from auditor.facts.seat import Seat
from auditor.facts.subject import listed
from auditor.inventory.arm_id import ArmId
from auditor.inventory.resources.migrate import AssessmentProject


class RemainKind(StrEnum):
    """The kinds of things, beside workspaces, that stay when a project is deleted."""

    ASSESSMENT_PROJECT = "assessment-project"
    SITE = "site"
    KEY_VAULT = "key-vault"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Remain:
    """One thing that belongs to projects: whether all of them are gone, and where it says whose it is."""

    kind: RemainKind
    id: str
    name: str
    projects: tuple[str, ...]
    gone: Fact[bool]
    because: tuple[Evidence, ...]

    @property
    def is_left(self) -> bool:
        """Whether it is left behind, or may be."""
        return isinstance(self.gone, Unknown) or self.gone.value

    @property
    def owner(self) -> str:
        """Whose it is, in words."""
        return f"the project {listed(self.projects)}" if self.projects else "no project that it names"


def remains(context: Context) -> Iterator[Remain]:
    """Yield what belongs to projects, whether they are gone or not, kind by kind."""
    yield from _assessment_projects(context)
    estate = context.estate
    for key, seats in sorted(estate.seats_by_site.items()):
        yield _of_seats(context, RemainKind.SITE, str(seats[0].site.arm_id), ArmId.parse(key).name, seats)
    vault_gaps = once([*estate.hidden_seats, *estate.vault_gaps(estate.seats)])
    for key, seats in sorted(estate.seats_by_vault.items()):
        held = context.inventory.get(key)
        if held is not None:
            yield _of_seats(context, RemainKind.KEY_VAULT, held.id, held.display_name, seats, vault_gaps)
    for app_id, seats in sorted(estate.seats_by_application.items()):
        if context.directory.application(app_id) is not None:
            name = application_name(context, app_id)
            yield _of_seats(context, RemainKind.APPLICATION, app_id, name, seats, estate.hidden_seats)


def _assessment_projects(context: Context) -> Iterator[Remain]:
    for item in context.inventory.all(AssessmentProject):
        project = context.estate.project_of_assessment(item)
        if project is None:  # it names no project: nothing tells whose it is
            gone: Fact[bool] = Known(False, (Evidence(item.id, "names no project"),))
        else:
            gone = not_(exists(context.inventory, project, PROJECTS))
        names = () if project is None else (project.name,)
        because = (Evidence(item.id, "assessmentSolutionId names its project"),) if names else ()
        yield Remain(RemainKind.ASSESSMENT_PROJECT, item.id, item.display_name, names, gone, because)


def _of_seats(
    context: Context, kind: RemainKind, id_: str, name: str, seats: tuple[Seat, ...], hidden: tuple[Gap, ...] = ()
) -> Remain:
    """Return what appliances use; it is left only if every project of theirs is gone."""
    names = tuple(sorted({seat.project.name for seat in seats if seat.project is not None}))
    because = once(Evidence(str(seat.site.arm_id), f"the appliance {seat.name} uses it") for seat in seats)
    return Remain(kind, id_, name, names, projects_gone(context, seats, hidden), because)
