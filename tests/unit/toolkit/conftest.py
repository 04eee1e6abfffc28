"""Prepares the loading before a test module imports the library itself."""

import wealist.toolkit  # noqa: F401
