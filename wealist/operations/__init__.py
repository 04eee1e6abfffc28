"""What operators run on the synthesized JSON. Knows nothing of cdktf; loads in milliseconds."""
