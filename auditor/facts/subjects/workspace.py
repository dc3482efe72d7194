"""Facts about one Log Analytics workspace: its associations with Azure Migrate and its other uses."""

from collections.abc import Iterator

from auditor.facts.estate.environment import Context
from auditor.facts.fact import Fact, Known, unless_gaps
from auditor.facts.leftovers.covering_locks import locks_over
from auditor.facts.leftovers.leftover import OtherUses
from auditor.facts.leftovers.workspaces.association import associations_of
from auditor.facts.leftovers.workspaces.not_looked_at import titles_not_looked_at
from auditor.facts.leftovers.workspaces.uses import OF_DATA, REPLICATION, UsesFound, ends_of
from auditor.facts.leftovers.workspaces.verdict import judge
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value, listed, subject
from auditor.facts.subjects.leftover import in_words, lock_facts, lock_texts
from auditor.inventory.resources.loganalytics import Workspace
from auditor.inventory.uses.uses import uses

_NAMED = 3
"""The number of records of one use that a message names."""


def workspace_subject(context: Context, found: UsesFound, workspace: Workspace) -> Subject:
    """Return the workspace as a subject."""
    associations, other_uses = associations_of(context, workspace), found.of(workspace.arm_id)
    over = locks_over(context, workspace.arm_id)
    judgement = judge(context, workspace, associations, other_uses)
    facts: dict[str, Fact[Value]] = {
        "name": Known(workspace.display_name),
        "id": Known(workspace.id),
        "resource_group": Known(workspace.arm_id.resource_group or ""),
        "verdict": judgement.fact,
        "associated": associations.associated,
        "attached": associations.attached,
        "projects_gone": associations.gone,
        "projects": unless_gaps(list(associations.projects), associations.hidden, *associations.because),
        "used_otherwise": other_uses.used,
        "uses": _uses(other_uses),
        "replicated": _obstacle(REPLICATION, found, other_uses, workspace),
        **lock_facts(context, workspace.arm_id, over),
    }
    named = dict(_named_uses(other_uses))
    texts = {
        "association": f"the project {listed(associations.projects)}" if associations.projects else "no project",
        "used_by": f"{'; '.join(named.values())}{other_uses.further}",
        "undo": "; ".join(f"{named[title]}: {end}" for title, end in ends_of(named)),
        "not_looked_at": titles_not_looked_at(),
        **lock_texts(over),
        **in_words(judgement),
    }
    kind, name = SubjectKind.WORKSPACE, workspace.display_name
    projects, location = associations.refs, workspace.location
    return subject(kind, workspace.id, name, facts, texts, projects=projects, location=location)


def _named_uses(other_uses: OtherUses) -> Iterator[tuple[str, str]]:
    """Yield each other use: its title, and the title with the names of the first records that show it."""
    for title, shown in other_uses.hits.items():
        names = [one.id.rstrip("/").rpartition("/")[2] for one in shown if title not in OF_DATA]
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        yield title, f"{title} ({listed(names[:_NAMED])}{more})" if names else f"{title} ({shown[0].note})"


def _obstacle(title: str, found: UsesFound, other_uses: OtherUses, workspace: Workspace) -> Fact[bool]:
    """Return whether what this title names keeps the workspace from being deleted."""
    shown = other_uses.obstacles.get(title, ())
    gaps = (gap for use in uses() if use.title == title for gap in found.gaps(use, workspace.arm_id))
    return Known(True, shown) if shown else unless_gaps(False, gaps)


def _uses(other_uses: OtherUses) -> Fact[Value]:
    return unless_gaps(list(other_uses.hits), other_uses.unread, *other_uses.evidence)
