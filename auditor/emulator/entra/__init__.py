"""The emulated Entra: sign-in and tokens."""
