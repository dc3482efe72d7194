"""What a scan read, passed on to those who report it."""

from auditor.inventory.reads import Gap, Read

__all__ = ["Gap", "Read"]
