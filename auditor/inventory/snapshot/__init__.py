"""The snapshot: its records, its file formats, and what keeps secrets out of it."""
