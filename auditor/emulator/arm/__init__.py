"""Azure Resource Manager as the emulator serves it."""
