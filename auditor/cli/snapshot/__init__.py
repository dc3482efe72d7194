"""`migaudit snapshot` and `migaudit diff`."""
