"""Throttling: how many requests each of Azure's budgets takes, and when the next one may be sent."""
