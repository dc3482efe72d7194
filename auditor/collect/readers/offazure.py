"""The sites that appliances register: four kinds, the master sites that join them, and what the appliances discover."""

from auditor.collect.listing import Feature, Listing, Rest, Tracked

_KINDS = {
    "VMwareSites": ("vCenters",),
    "HyperVSites": ("hosts", "clusters"),
    "ServerSites": (),
    "ImportSites": (),
    "MasterSites": (),
}
"""Each kind of site, and the lists of what its appliance discovers; physical servers have none above the machines."""


def _sources(kind: str, child: str) -> Listing:
    """Return a list asked of a site; what an appliance reported of each source stands there as `errors`."""
    return Listing(
        what=f"Microsoft.OffAzure/{kind}/{child}",
        feature=Feature.PROJECTS,
        source=Rest(f"{{scope}}/{child}", "2020-07-07"),
        below=True,
    )


SITES = tuple(
    Tracked(
        what=f"Microsoft.OffAzure/{kind}",
        feature=Feature.PROJECTS,
        api_versions=("2024-12-01-preview", "2020-07-07"),
        children=tuple(_sources(kind, child) for child in children),
    )
    for kind, children in _KINDS.items()
)
"""The newer version alone tells of several appliances on one site and of appliances that register as an Arc machine."""
