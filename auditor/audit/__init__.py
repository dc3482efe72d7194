"""The rule book: rule files are loaded, checked and evaluated over the facts of each subject."""
