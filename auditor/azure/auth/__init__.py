"""Signing in: credentials, tokens and the signed-in account."""
