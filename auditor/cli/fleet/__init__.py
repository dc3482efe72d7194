"""`migaudit fleet`."""
