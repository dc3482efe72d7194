"""What is read from the directory (Microsoft Graph)."""
