"""`migaudit rules` and `migaudit explain`."""
