"""Typed, immutable views of the bodies a snapshot holds; unknown keys are ignored, missing ones are None."""
