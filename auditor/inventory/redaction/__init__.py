"""Redaction: names and ids replaced by pseudonyms."""
