"""What may refuse an action that rights allow: locks, policies, firewalls, providers."""
