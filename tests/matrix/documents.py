"""Print the stacks that columns are compared by, as one JSON: `python -m tests.matrix.documents`, by a column's Python.

They are the tests' environments, and variants of them with every setting changed.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from tests import environments
from tests.environments import NAMES
from tests.synthesized import all_changed, stacks, synthesized, whole

Documents = Mapping[str, Mapping[str, Any]]
"""Stack → its JSON."""


def documents() -> Documents:
    """Synthesize and return every stack."""
    variants = {f"{name} otherwise": all_changed(name) for name in NAMES}
    variants |= {f"{name} whole": whole(name, protected=name == "dev") for name in NAMES}
    everything = {**stacks(), **{title: synthesized(config) for title, config in variants.items()}}
    return {title: stack.document for title, stack in everything.items()}


if __name__ == "__main__":
    environments.use_them()
    json.dump(documents(), sys.stdout)
