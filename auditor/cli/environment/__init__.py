"""The environment that a command works on: reading it, and resolving the names that the user gave."""
