"""The requests that change the emulated Azure, or ask it to do something."""
