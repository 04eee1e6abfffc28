"""Constructs that build the parts of the system, ordered like the architecture document."""

# Prepares fast loading before the first import of cdktf.
import wealist.toolkit  # noqa: F401
