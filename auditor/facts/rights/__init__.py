"""The rights that each step needs, and whether an account has them."""
