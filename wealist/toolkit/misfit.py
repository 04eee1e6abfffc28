"""A patch of somebody else's code that finds nothing to change: the package is another than it was written for.

In Python and in Node, every patch of a package names the versions that it was written for, and refuses others that it
does not fit. Without that, a synthesis would be slow or wrong, and nobody would notice.
"""

import re
from typing import Final

from wealist.errors import BAD_INPUT, OperatorError

JSII: Final = "jsii 1.142"
"""What the patches of jsii itself were written for: it is not among the packages that a library chooses."""
_IN_NODE: Final = re.compile(r"misfit: (?P<patch>\S+) was written for (?P<written_for>[^:\n]+): (?P<problem>[^\n]+)")
"""As `wealist/toolkit/patch.cjs` words it."""


def misfit(patch: str, written_for: str, problem: str) -> OperatorError:
    """Return the refusal of a package.

    Args:
        patch: The file of the patch.
        written_for: The package and the versions that it fits.
        problem: What it does not find.
    """
    return OperatorError(
        f"{patch} was written for {written_for}: {problem}",
        remedy=f"install a version that it was written for, or adapt {patch}",
        exit_code=BAD_INPUT,
    )


def misfit_in_node(error: Exception) -> OperatorError | None:
    """Return the refusal that an error of jsii brings from Node; None of any other error."""
    found = _IN_NODE.search(str(error))
    return misfit(found["patch"], found["written_for"], found["problem"]) if found else None
