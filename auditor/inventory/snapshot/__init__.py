"""The snapshot: its records, its file formats, and the removal of secrets."""
