"""The typed, immutable resources of a snapshot; unknown keys are ignored, missing ones are None."""
