"""Step-by-step checks of one registration, and the roles, policies and accounts that would make it possible."""
