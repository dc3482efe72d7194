"""The data plane of Key Vault: its two permission models and their permissions."""
