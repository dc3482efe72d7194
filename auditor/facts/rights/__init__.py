"""What a step needs, and whether an account may do it."""
