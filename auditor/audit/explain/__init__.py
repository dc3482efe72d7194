"""What an error means: texts as people have them, the errors of Azure in them, and the entries that answer them."""
