"""What every principal needs, and why."""
