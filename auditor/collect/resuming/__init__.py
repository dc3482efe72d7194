"""Scans that go on where an earlier run ended: the file of what was read, and the answers in it."""
