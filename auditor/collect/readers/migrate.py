"""Azure Migrate projects of both experiences, their solutions, and assessment projects."""

from auditor.collect.listing import Feature, Listing, Rest, Tracked

PROJECT_SOLUTIONS = Listing(
    what="Microsoft.Migrate/migrateProjects/solutions",
    feature=Feature.PROJECTS,
    source=Rest("{scope}/solutions", "2018-09-01-preview"),
)
"""Asked of a project. Newer api-versions limit names to 24 characters, and the standard solutions' names are longer."""

PROJECTS = Tracked(
    what="Microsoft.Migrate/migrateProjects",
    feature=Feature.PROJECTS,
    api_versions=("2018-09-01-preview", "2020-05-01"),
    children=(PROJECT_SOLUTIONS,),
)

OLD_PROJECTS = Listing(
    what="Microsoft.Migrate/projects",
    feature=Feature.PROJECTS,
    source=Rest("{scope}/providers/Microsoft.Migrate/projects", "2018-02-02"),
)

ASSESSMENT_PROJECTS = Listing(
    what="Microsoft.Migrate/assessmentProjects",
    feature=Feature.PROJECTS,
    source=Rest("{scope}/providers/Microsoft.Migrate/assessmentProjects", "2019-10-01"),
)
