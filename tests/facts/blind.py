"""An environment of which some lists were refused."""

from auditor.data import fixtures_dir
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.implied_reads import with_reads
from fixtures.generate import hide, hideable


def fabrikam_without(*lists: str) -> Inventory:
    """Return the faultless tenant Fabrikam without the named lists and the resources in them."""
    snapshot = with_reads(load(fixtures_dir() / "fabrikam.yaml"))
    wanted = {one.lower() for one in lists}
    return Inventory.of(hide(snapshot, [read for read in hideable(snapshot) if read.what.lower() in wanted]))
