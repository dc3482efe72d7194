"""The command line: one module or folder per command; arguments in, exit code out."""
