"""Opening files that people name, for whoever reads what they wrote about findings."""

from auditor.inventory.ordinary_file import content, why

__all__ = ["content", "why"]
