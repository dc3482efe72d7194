"""Associations of a thing with projects: whether each project still exists, and what may hide further ones."""

from dataclasses import dataclass

from auditor.facts.estate.deletions import Deletion, of_name, of_project
from auditor.facts.estate.environment import Context
from auditor.facts.estate.owning_projects import project_ref, projects_called
from auditor.facts.fact import Evidence, Fact, Gap, Known, all_of, any_of, hidden_by, not_, once, unless_gaps
from auditor.facts.presence import exists
from auditor.facts.subject import OwningProject
from auditor.inventory.arm_id import ArmId
from auditor.inventory.association import projects_in
from auditor.inventory.lists import ACTIVITY_LOG, PROJECTS
from auditor.inventory.reads import ONLY_A_HINT
from auditor.inventory.resources.resource import Resource


@dataclass(frozen=True, slots=True)
class Association:
    """One association with a project: the project's name, whether it still exists, and the record that shows it.

    `refs` is the project; several where only the name is known and several are called so.
    """

    project: str
    alive: Fact[bool]
    because: Evidence
    deleted: tuple[Deletion, ...] = ()
    refs: tuple[OwningProject, ...] = ()

    @property
    def gone(self) -> Fact[bool]:
        """Whether the project is gone according to the lists, with its logged deletions as further evidence."""
        gone = not_(self.alive)
        if gone.is_true:
            return Known(True, once([*gone.evidence, *(one.evidence for one in self.deleted)]))
        return gone


@dataclass(frozen=True, slots=True)
class Associations:
    """All associations of a thing that were found, and the gaps that may hide further ones.

    `hint` is a gap for a name that suggests an association without proving one: alone, it leaves the question open.
    `weak` is evidence that supports an association but means nothing alone.
    """

    id: str
    found: tuple[Association, ...] = ()
    hidden: tuple[Gap, ...] = ()
    hint: tuple[Gap, ...] = ()
    weak: tuple[Evidence, ...] = ()

    @property
    def projects(self) -> tuple[str, ...]:
        """The names of the projects, each once regardless of case."""
        return tuple(
            sorted({name.lower(): name for name in sorted(association.project for association in self.found)}.values())
        )

    @property
    def refs(self) -> tuple[OwningProject, ...]:
        """The projects, each once; a name without an id is left out where a project of that name is among them."""
        every = {ref for association in self.found for ref in association.refs}
        named = {ref.name.lower() for ref in every if ref.id}
        return tuple(sorted(ref for ref in every if ref.id or ref.name.lower() not in named))

    @property
    def because(self) -> tuple[Evidence, ...]:
        """The records that show or support the associations."""
        return once([*(association.because for association in self.found), *self.weak])

    @property
    def associated(self) -> Fact[bool]:
        """Whether it was associated with a project; unknown if only its name suggests so."""
        if self.found:
            return Known(True, self.because)
        return any_of([Known(False, (Evidence(self.id),)), *hidden_by(self.hint), *hidden_by(self.hidden)])

    @property
    def attached(self) -> Fact[bool]:
        """Whether an existing project uses it."""
        return any_of([*(association.alive for association in self.found), *hidden_by(self.hidden)])

    @property
    def gone(self) -> Fact[bool]:
        """Whether every associated project is gone."""
        if not self.found:
            return unless_gaps(True, self.hidden)
        return all_of([*(association.gone for association in self.found), *hidden_by(self.hidden)])

    @property
    def deleted(self) -> Deletion | None:
        """The latest logged deletion of one of its projects, or None."""
        every = [one for association in self.found for one in association.deleted]
        return max(every, key=lambda one: one.at, default=None)

    @property
    def suggested(self) -> bool:
        """Whether anything at all, even a name, suggests an association."""
        return bool(self.found or self.hint)


def association_with(context: Context, project: ArmId, because: Evidence) -> Association:
    """Return the association with the project of this id."""
    alive = exists(context.inventory, project, PROJECTS)
    deleted = tuple(of_project(context.estate.deletions, project))
    return Association(project.name, alive, because, deleted, (project_ref(context.estate, project),))


def association_by_name(context: Context, near: ArmId, name: str, because: Evidence) -> Association:
    """Return the association of a thing at `near` with any project called `name`.

    The project is gone only if no visible subscription contains it, since resources and projects can be moved.
    """
    held = context.estate.projects_by_name.get(name.lower(), ())
    scope = near.subscription_id or near
    alive: Fact[bool] = (
        Known(True, tuple(Evidence(str(project), "exists") for project in held))
        if held
        else unless_gaps(False, context.references.hidden_names(scope), Evidence(str(scope), f"no project `{name}`"))
    )
    deleted = tuple(of_name(context.estate.deletions, name, near.subscription))
    return Association(name, alive, because, deleted, projects_called(context.estate, name))


def associations_by_tags(context: Context, resource: Resource, tags: object = None) -> list[Association]:
    """Return the associations shown by a resource's tags, or by `tags` if its body keeps them elsewhere."""
    return [
        association_by_name(context, resource.arm_id, name, Evidence(resource.id, f"tag {tag}: {name}"))
        for tag, name in projects_in(resource.tags if tags is None else tags)
    ]


def only_a_hint(what: str, id_: str, message: str) -> tuple[Gap, ...]:
    """Return the gap of an association that only a name suggests."""
    return (Gap(what, id_, 0, ONLY_A_HINT, message),)


def since(context: Context, associations: Associations, scope: ArmId | None) -> str:
    """Return the phrase on when and by whom the projects were deleted, from the Activity Log of `scope`."""
    if associations.deleted is not None:
        return f"was {associations.deleted.words}"
    if scope is not None and not context.inventory.gaps(ACTIVITY_LOG, scope):
        return "no longer exists (the Activity Log, which keeps 90 days, shows no deletion)"
    return "no longer exists (the Activity Log, which may show since when, was not read)"
