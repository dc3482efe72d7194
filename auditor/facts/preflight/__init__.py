"""One registration checked step by step, and what would make it possible."""
