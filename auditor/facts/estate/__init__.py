"""Projects, sites, appliances, vaults and applications of one inventory, joined by id."""
