"""What else uses the Log Analytics workspaces of Azure Migrate: every use for a deletion, the first one for a scan."""
