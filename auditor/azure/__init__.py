"""The connection to Azure: clouds, credentials, the HTTP pipeline, and reads of ARM and Microsoft Graph through it."""
