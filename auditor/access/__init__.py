"""Who can do what, where and why: Azure RBAC, denials, conditions, PIM, Key Vault and Entra, over an inventory."""
