"""Rights in the directory (Entra), and the identities of a principal."""
