"""Errors of patches that do not fit the installed package.

Each patch of a package, in Python or in Node, names the versions that it was written for, and fails where it finds
nothing to change. Otherwise a synthesis would be slow, or wrong, without any message.
"""

import re
from typing import Final

from wealist.errors import BAD_INPUT, OperatorError

JSII: Final = "jsii 1.142"
"""Version of jsii that its patches were written for. `wealist/library.py` holds the versions of the other packages."""
_IN_NODE: Final = re.compile(
    r"patch failed: (?P<patch>\S+) was written for (?P<written_for>[^:\n]+): (?P<problem>[^\n]+)"
)
"""The error that `patch.cjs` throws."""


def patch_error(patch: str, written_for: str, problem: str) -> OperatorError:
    """Return the error of a patch that does not fit.

    Args:
        patch: File of the patch, from the root of the project.
        written_for: The package, and the versions that the patch fits.
        problem: What the patch did not find.
    """
    return OperatorError(
        f"{patch} was written for {written_for}: {problem}",
        remedy=f"install a version that it was written for, or adapt {patch}",
        exit_code=BAD_INPUT,
    )


def patch_error_in_node(error: Exception) -> OperatorError | None:
    """Return the patch error in an error that jsii passes on from Node; None if it is another error."""
    match = _IN_NODE.search(str(error))
    return patch_error(match["patch"], match["written_for"], match["problem"]) if match else None
