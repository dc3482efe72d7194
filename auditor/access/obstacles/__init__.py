"""Obstacles that may stop an action although rights allow it: locks, policies, firewalls, providers."""
