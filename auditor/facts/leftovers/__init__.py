"""What a deleted project leaves behind, and whether anything else still uses it."""
