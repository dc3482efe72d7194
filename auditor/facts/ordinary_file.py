"""Opening files that people name, for whoever reads what they wrote about findings."""

from auditor.files import content, why

__all__ = ["content", "why"]
