"""What the planning jobs of a workflow run left: of each stack the record of its plan, and its review."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wealist.operations.pipeline import record
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.record import Record

PREFIX: Final = "plan-"
"""Artifact `plan-prod` holds the record and the review of prod's plan."""


@dataclass(frozen=True)
class Planned:
    """A stack that was planned.

    Attributes:
        record: which plan was made, and of what.
        review: the comment on it; none where AWS is as described.
    """

    record: Record
    review: str | None


def planned_by(github: GitHub, run: int) -> dict[str, Planned]:
    """What a run planned, by stack."""
    found: dict[str, Planned] = {}
    with tempfile.TemporaryDirectory() as folder:
        for artifact in github.artifacts(run):
            if artifact.startswith(PREFIX):
                left = github.download(run, artifact, Path(folder))
                review, made = left / record.REVIEW_FILE, record.read(left)
                found[made.stack] = Planned(made, review.read_text(encoding="utf-8") if review.exists() else None)
    return found
