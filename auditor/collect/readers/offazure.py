"""The lists of sites, master sites and discovery sources (vCenter Servers, Hyper-V hosts and clusters)."""

from auditor.collect.listing import Feature, Listing, Rest, Tracked

_KINDS = {
    "VMwareSites": ("vCenters",),
    "HyperVSites": ("hosts", "clusters"),
    "ServerSites": (),
    "ImportSites": (),
    "MasterSites": (),
}
"""The kinds of sites, each with its lists of discovery sources."""


def _sources(kind: str, child: str) -> Listing:
    """Return a list of a site's discovery sources, whose `errors` are what the appliance reported."""
    return Listing(
        what=f"Microsoft.OffAzure/{kind}/{child}",
        feature=Feature.PROJECTS,
        source=Rest(f"{{scope}}/{child}", ("2020-07-07",)),
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
"""Only the newer api-version returns several appliances of one site, and appliances that are Arc machines."""
