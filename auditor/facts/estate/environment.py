"""The context of one environment: its inventory, the access engine, and the joins that are made once over both."""

from auditor.access.access import Access
from auditor.facts.estate.held_roles import HeldRoles
from auditor.facts.estate.joins import Estate
from auditor.facts.estate.references import References
from auditor.facts.estate.registration_modes import Directory
from auditor.inventory.inventory import Inventory


class Context:
    """One environment, as the builders of subjects read it."""

    def __init__(self, inventory: Inventory, access: Access) -> None:
        self.inventory = inventory
        self.access = access
        self.estate = Estate(inventory)
        self.references = References(self.estate)
        self.directory = Directory(inventory)
        self.roles = HeldRoles(inventory)
