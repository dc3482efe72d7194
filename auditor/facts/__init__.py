"""The Azure Migrate domain as subjects with three-valued facts, which rules decide on."""
