"""What an environment costs a month: list prices, what is counted of each type, estimates and their differences."""
