"""Commands for developers of migaudit; the Makefile calls them."""
