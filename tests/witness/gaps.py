"""What the witness lacks, or does otherwise than AWS: observations held against the committed list in gaps.toml."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.witness.stacks import Observation

LIST: Final = Path(__file__).with_name("gaps.toml")


@dataclass(frozen=True)
class Gap:
    """One entry.

    Attributes:
        observed: A pattern of observations: `change \\w+ aws_flow_log\\.`.
        reason: What the witness does, and how AWS differs.
    """

    observed: str
    reason: str

    def explains(self, observation: Observation) -> bool:
        """Whether an observation is of this gap."""
        return re.match(self.observed, str(observation)) is not None


def gaps() -> list[Gap]:
    """Return the committed list."""
    return [Gap(**row) for row in tomllib.loads(LIST.read_text(encoding="utf-8"))["gap"]]


def problems(observations: Sequence[Observation], committed: Sequence[Gap]) -> list[str]:
    """Return what was observed and is in no entry, and entries of which nothing was observed: the gap has closed."""
    unexplained = [str(each) for each in observations if not any(gap.explains(each) for gap in committed)]
    closed = [
        f"{gap.observed}: the gap has closed; delete its entry"
        for gap in committed
        if not any(gap.explains(each) for each in observations)
    ]
    return unexplained + closed
