"""Facts about one project: found in either experience, asked for, or named by an appliance."""

from auditor.facts.entities.projects import (
    AskedProject,
    is_ready,
    namesakes_in_words,
    not_ready_in_words,
    project_state,
    why_unusable,
)
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, any_of, hidden_by, once, unless_gaps
from auditor.facts.leftovers.order import has_left, left_by, steps
from auditor.facts.presence import beyond, exists, in_body
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import OwningProject, Subject, Value, listed, subject
from auditor.facts.subjects.project_obstacles import obstacle_facts
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import OLD_PROJECTS, PROJECTS, RESOURCE_GROUPS


def project_subject(context: Context, project: ArmId, *, asked: bool) -> Subject:
    """Return a project that was found, or that an id refers to, as a subject."""
    old = context.estate.old_projects.get(project.key)
    held = old or context.estate.projects.get(project.key)
    what = OLD_PROJECTS if project.type.lower() == OLD_PROJECTS.lower() else PROJECTS
    existing = exists(context.inventory, project, what)
    name = held.display_name if held else project.name
    old_state = old.properties.provisioning_state if old else None
    state = (
        in_body(context.inventory, what, str(project), "provisioningState", old_state)
        if what is OLD_PROJECTS
        else project_state(context, project)
    )
    around, around_texts = obstacle_facts(context, project)
    facts: dict[str, Fact[Value]] = {
        "id": Known(str(held.arm_id if held else project)),
        "resource_group": Known(project.resource_group or ""),
        "subscription": Known(project.subscription or ""),
        "experience": Known("old" if what is OLD_PROJECTS else "new", (Evidence(str(project), f"type: {what}"),)),
        **_common(context, name, project, existing, asked=asked),
        **_state(existing, state),
        **around,
    }
    texts = {**_texts(context, name, project, asked=asked), **around_texts, **_undo(context, name, existing)}
    if isinstance(state, Known):
        texts["not_ready"] = not_ready_in_words(state.value)
    own = (OwningProject(str(project), name),)
    location = held.location if held else ""
    return subject(SubjectKind.PROJECT, str(project), name, facts, texts, projects=own, location=location)


def missing_project_subject(context: Context, wanted: AskedProject) -> Subject:
    """Return a project that was asked for by name and not found as a subject."""
    scopes = [ArmId.parse(f"/subscriptions/{subscription}") for subscription in sorted(context.inventory.scanned)]
    if wanted.resource_group:
        scopes = [ArmId.parse(f"{scope}/resourceGroups/{wanted.resource_group}") for scope in scopes]
    gaps = once(
        gap
        for scope in scopes
        for what in (PROJECTS, RESOURCE_GROUPS)
        for gap in context.inventory.gaps(what, scope, below=False)
    )
    old = once(gap for scope in scopes for gap in context.inventory.gaps(OLD_PROJECTS, scope, below=False))
    unread = beyond(context.inventory, PROJECTS)
    existing: Fact[bool] = unless_gaps(
        False, once((*unread, *gaps)), *(Evidence(str(scope), f"no project `{wanted.name}`") for scope in scopes)
    )
    alone = scopes[0] if len(scopes) == 1 and not unread else None
    project = ArmId.parse(f"{alone}/providers/{PROJECTS}/{wanted.name}") if alone else None
    identity = str(project) if project else wanted.name
    facts: dict[str, Fact[Value]] = {
        "id": Known(identity),
        "resource_group": Known(wanted.resource_group or ""),
        "subscription": Known(alone.subscription or "" if alone else ""),
        "experience": unless_gaps("new", once((*unread, *old))),
        **_common(context, wanted.name, project, existing, asked=True),
        **_state(existing, in_body(context.inventory, PROJECTS, identity, "provisioningState", None)),
        **obstacle_facts(context, project)[0],
    }
    texts = {**_texts(context, wanted.name, project, asked=True), **_undo(context, wanted.name, existing)}
    own = (OwningProject("", wanted.name),)
    return subject(SubjectKind.PROJECT, identity, wanted.name, facts, texts, projects=own)


def _common(
    context: Context, name: str, project: ArmId | None, existing: Fact[bool], *, asked: bool
) -> dict[str, Fact[Value]]:
    appliances = context.estate.appliances_by_project.get(project.key, ()) if project else ()
    hidden = context.estate.hidden_appliances
    because = tuple(Evidence(str(appliance.site.arm_id), "names it") for appliance in appliances)
    elsewhere = [str(found) for found in _elsewhere(context, name, project) if not why_unusable(context, found)]
    return {
        "name": Known(name),
        "exists": existing,
        "asked": Known(asked),
        "wanted": any_of((Known(asked), Known(bool(appliances), because), *hidden_by(hidden))),
        "appliances": unless_gaps(sorted({appliance.name for appliance in appliances}), hidden, *because),
        "has_left": Known(False) if existing.is_true else has_left(context, name),
        "found_elsewhere": unless_gaps(elsewhere, context.estate.hidden_projects),
    }


def _undo(context: Context, name: str, existing: Fact[bool]) -> dict[str, str]:
    return {"undo": "" if existing.is_true else steps(context, left_by(context, name))}


def _state(existing: Fact[bool], state: Fact[str]) -> dict[str, Fact[Value]]:
    return {"state": state, "ready": is_ready(existing, state)}


def _elsewhere(context: Context, name: str, project: ArmId | None) -> list[ArmId]:
    return [found for found in context.estate.projects_by_name.get(name.lower(), ()) if found != project]


def _texts(context: Context, name: str, project: ArmId | None, *, asked: bool) -> dict[str, str]:
    appliances = context.estate.appliances_by_project.get(project.key, ()) if project else ()
    wanted = [*(["it was asked for"] if asked else [])]
    if appliances:
        wanted.append(f"it is the project of {listed(sorted({appliance.name for appliance in appliances}))}")
    return {
        "elsewhere": "; ".join(namesakes_in_words(context, _elsewhere(context, name, project))),
        "why_wanted": " and ".join(wanted) or "nobody asks for it",
    }
