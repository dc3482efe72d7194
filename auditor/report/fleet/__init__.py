"""The report of many tenants: a section each, and a table of all."""
