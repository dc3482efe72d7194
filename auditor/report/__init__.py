"""Findings as people and machines like to read them: one renderer a file."""
