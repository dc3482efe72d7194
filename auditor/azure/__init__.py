"""The wire to Azure: clouds, credentials, one HTTP pipeline, and ARM and Microsoft Graph reads over it."""
