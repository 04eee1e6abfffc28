"""The nine sections of the architecture, each from the stack of one environment."""
