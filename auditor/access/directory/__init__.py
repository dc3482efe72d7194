"""Rights in the directory (Entra), and who a principal is."""
