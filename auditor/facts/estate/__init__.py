"""What belongs together: projects, sites, appliances, vaults and applications, joined by id."""
