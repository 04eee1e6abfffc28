"""What must hold of a synthesis."""
