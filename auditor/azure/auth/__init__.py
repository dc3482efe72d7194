"""Credentials, tokens, and who is signed in."""
