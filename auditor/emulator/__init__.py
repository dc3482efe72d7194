"""A loopback Azure that serves a snapshot as ARM, Microsoft Graph and Entra on one HTTPS port."""
