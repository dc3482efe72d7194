"""Microsoft Graph as the emulator serves it."""
