"""A copy of a capture that may be sent to support: no secret, no personal header, and a count of what was removed."""
