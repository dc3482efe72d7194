"""Microsoft Graph: the client, its batches and its requests."""
