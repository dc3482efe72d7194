"""Rule files and their parts: expressions and templates."""
