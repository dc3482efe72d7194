"""Key Vault's data plane: its two permission models and their permissions."""
