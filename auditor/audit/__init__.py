"""The rule book: rule files are loaded, checked, and evaluated on the facts of each subject."""
