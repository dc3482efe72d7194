"""The nearest known name, for whoever checks what people wrote about facts and rules."""

from auditor.nearest import did_you_mean, nearest, no_such

__all__ = ["did_you_mean", "nearest", "no_such"]
