"""The Azure Migrate domain as three-valued facts about subjects: what rules speak about."""
