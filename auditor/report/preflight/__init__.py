"""A preflight as a request to the person who can grant what is missing."""
