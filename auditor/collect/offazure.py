"""The sites that appliances register: four kinds, and the master sites that join them."""

from auditor.collect.listing import Feature, Tracked

_KINDS = ("VMwareSites", "HyperVSites", "ServerSites", "ImportSites", "MasterSites")

SITES = tuple(
    Tracked(
        what=f"Microsoft.OffAzure/{kind}",
        feature=Feature.PROJECTS,
        api_versions=("2024-12-01-preview", "2020-07-07"),
    )
    for kind in _KINDS
)
"""The newer version alone tells of several appliances on one site and of appliances that register as an Arc machine."""
