"""Renderers of readiness: a screen, JSON, rows of machines, a workbook, Markdown."""
