"""`migaudit scan`."""
