"""Monthly costs of a stack: list prices, billed quantities of each type, estimates and their differences."""
