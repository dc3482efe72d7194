"""Leftover workspaces: their association with Azure Migrate, what else uses them, and the verdict on each."""
