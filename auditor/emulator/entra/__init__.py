"""Entra as the emulator serves it: sign-in and tokens."""
