"""The lists of Azure Migrate projects of both experiences, their solutions, and assessment projects."""

from auditor.collect.listing import Feature, Listing, Rest, Tracked
from auditor.inventory import lists as list_names
from auditor.inventory.lists import SOLUTIONS

PROJECT_SOLUTIONS = Listing(
    what=SOLUTIONS,
    feature=Feature.PROJECTS,
    source=Rest("{scope}/solutions", ("2018-09-01-preview",)),
)
"""Read for a project. Newer api-versions limit names to 24 characters, which the standard solutions exceed."""

PROJECTS = Tracked(
    what=list_names.PROJECTS,
    feature=Feature.PROJECTS,
    api_versions=("2020-05-01", "2018-09-01-preview"),
    children=(PROJECT_SOLUTIONS,),
)

OLD_PROJECTS = Listing(
    what=list_names.OLD_PROJECTS,
    feature=Feature.PROJECTS,
    source=Rest("{scope}/providers/Microsoft.Migrate/projects", ("2018-02-02",)),
)

ASSESSMENT_PROJECTS = Listing(
    what=list_names.ASSESSMENT_PROJECTS,
    feature=Feature.PROJECTS,
    source=Rest("{scope}/providers/Microsoft.Migrate/assessmentProjects", ("2019-10-01",)),
)
