"""What keeps machines from moving, with what to do about it."""
