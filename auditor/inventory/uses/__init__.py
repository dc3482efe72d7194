"""The checks for other uses of a Log Analytics workspace, as data and as code that applies them to items of lists."""
