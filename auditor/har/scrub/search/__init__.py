"""What a text is searched for: forms, names with their values in texts and markup, commands and sentences."""
