"""Microsoft Graph: the client, its requests and its batches."""
