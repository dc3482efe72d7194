"""The readers: what is asked of Azure, and how a refused read becomes a gap."""
