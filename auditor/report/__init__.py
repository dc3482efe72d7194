"""Renderers of results: one file per format."""
