"""What a scan read, and what a list promises to look like, passed on to those who report it or act on it."""

from auditor.inventory.lists import shape_of
from auditor.inventory.reads import Gap, Read

__all__ = ["Gap", "Read", "shape_of"]
