"""Leftovers of deleted projects, and other uses that they may still have."""
