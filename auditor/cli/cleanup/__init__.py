"""`migaudit cleanup`."""
