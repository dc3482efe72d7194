"""What Azure answered to the calls of a capture, and which of it is a failure."""
