"""Removal of leftovers: planning is pure; applying and restoring are the only parts that write to Azure."""
