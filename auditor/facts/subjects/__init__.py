"""Subjects of rules: one file per kind, each with the facts of that kind."""
