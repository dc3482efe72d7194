"""Commands for those who develop migaudit; the Makefile calls them."""
