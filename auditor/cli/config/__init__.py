"""`migaudit config`, and the configuration file."""
