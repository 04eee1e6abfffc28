"""Compare observed differences between ministack and AWS with the committed list in gaps.toml."""

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
    """An entry of gaps.toml.

    Attributes:
        observed: A regular expression for observations: `change \\w+ aws_flow_log\\.`.
        reason: How ministack differs from AWS.
    """

    observed: str
    reason: str

    def explains(self, observation: Observation) -> bool:
        """Return whether the pattern matches an observation."""
        return re.match(self.observed, str(observation)) is not None


def gaps() -> list[Gap]:
    """Return the entries of gaps.toml."""
    return [Gap(**row) for row in tomllib.loads(LIST.read_text(encoding="utf-8"))["gap"]]


def problems(observations: Sequence[Observation], committed: Sequence[Gap]) -> list[str]:
    """Return observations without an entry, and entries without an observation, whose gap has closed."""
    unexplained = [str(each) for each in observations if not any(gap.explains(each) for gap in committed)]
    closed = [
        f"{gap.observed}: the gap has closed; delete its entry"
        for gap in committed
        if not any(gap.explains(each) for each in observations)
    ]
    return unexplained + closed
