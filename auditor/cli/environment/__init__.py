"""Where a command gets its environment from, and what the user meant by names in it."""
