"""What deleted projects left behind, and its removal: the plan is pure, applying and restoring are the only writers."""
