"""The verdict on a registration, and the ways to make it possible."""
