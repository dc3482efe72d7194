"""Accounts, projects and tenants: what is known of each by itself."""
