"""Captures of a browser's network traffic (HAR): their entries, and the calls to Azure in them that failed."""
