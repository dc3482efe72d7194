"""`migaudit preflight`."""
