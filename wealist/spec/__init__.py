"""What an environment is: typed, frozen, checked. Pure Python, without cdktf."""
