"""Redaction: replaces names and ids in a snapshot by pseudonyms."""
