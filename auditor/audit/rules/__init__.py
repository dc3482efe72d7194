"""The rule book: files, expressions, templates."""
