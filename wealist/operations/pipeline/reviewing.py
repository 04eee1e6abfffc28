"""What a planning job tells of its plan: for the comment, for who wants all of it, and for the log."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from wealist.operations.pipeline.record import PAGE_FILE, REVIEW_FILE, WHOLE_REVIEW_FILE
from wealist.review import as_json, markdown, page, terminal
from wealist.review.command import build_review
from wealist.review.options import Gate
from wealist.review.verdict import Review


def review_plan(
    stack: str, out: Path, *, gates: Iterable[Gate], acknowledgements: str, artifact_url: str
) -> Review | None:
    """Review the plan in a folder, beside which the reviews are written.

    Args:
        stack: The stack's name.
        out: The folder that holds `plan.json`.
        gates: What stops the plan.
        acknowledgements: Lines `Acknowledge: ACTION ADDRESS`, among any others.
        artifact_url: Where the whole review will lie.

    Returns:
        The review, or None where the plan does nothing and no check fails: then none is written.
    """
    given = out / "acknowledgements"
    given.write_text(acknowledgements, encoding="utf-8")
    found = build_review(out / "plan.json", stack=stack, gates=gates, acknowledgements=str(given), with_unchanged=True)
    if found.is_empty:
        return None
    (out / REVIEW_FILE).write_text(markdown.comment(found, artifact_url=artifact_url), encoding="utf-8")
    (out / WHOLE_REVIEW_FILE).write_text(as_json.as_json(found), encoding="utf-8")
    (out / PAGE_FILE).write_text(page.page(found), encoding="utf-8")
    terminal.show(found, Console(stderr=True))
    return found
