"""`migaudit readiness`."""
