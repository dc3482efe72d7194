"""The verdict on a planned registration, and the fixes for steps that will fail."""
