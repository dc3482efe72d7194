"""The lists of Azure Resource Manager, one file per service."""
