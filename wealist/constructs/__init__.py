"""How each part of the system is built: one file per section of the architecture. Objects in, objects out."""

# First of all, so that every import of cdktf below is the fast one.
import wealist.toolkit  # noqa: F401
