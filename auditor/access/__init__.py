"""The access engine: Azure RBAC, deny assignments, conditions, PIM, Key Vault and Entra over an inventory."""
