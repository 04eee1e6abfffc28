"""Tells people: a comment for each stack in a pull request, an issue for each that has drifted, and for what ends.

All are kept up to date. Each is found again by the marker that it begins with, and by who wrote it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from wealist.operations.pipeline.github import GitHub, written_by_us
from wealist.operations.pipeline.reminders import Reminder
from wealist.review.markdown import marker

_MARKER: Final = re.compile(r"<!-- wealist-plan-review:([a-z0-9-]+) -->")


def comment(
    github: GitHub, pull_request: int, *, planned: Mapping[str, str | None], changed: list[str], run_url: str
) -> None:
    """Bring the comments of a pull request up to date.

    Args:
        github: The repository.
        pull_request: Its number.
        planned: What was planned: stack → its review, or nothing where Terraform has nothing to do.
        changed: The stacks that should have been planned.
        run_url: Where the workflow run is, for those that were not.
    """
    path = f"issues/{pull_request}/comments"
    existing = github.pages(path)
    texts = {stack: _text(stack, planned, run_url) for stack in changed}
    earlier = {found[1] for item in existing if (found := _MARKER.match(item["body"] or ""))}
    # A comment of an earlier push must not stand for what this one does.
    texts |= {stack: _line(stack, "is not changed by this pull request any more.") for stack in earlier - set(changed)}
    for stack, text in sorted(texts.items()):
        ours = written_by_us(existing, marker(stack))
        if not ours:
            if stack in changed:
                github.send("POST", path, {"body": text})
        elif ours[0]["body"] != text:
            github.send("PATCH", f"issues/comments/{ours[0]['id']}", {"body": text})


def track_drift(github: GitHub, planned: Mapping[str, str | None], *, run_url: str) -> None:
    """Open, update or close the issue of each stack that was planned; of others nothing is known.

    Args:
        github: The repository.
        planned: Stack → the review of what would have to be done, or nothing where AWS is as described.
        run_url: Where the workflow run is.
    """
    # GitHub lists pull requests among the issues; none of those is ours.
    existing = github.pages("issues")
    for stack, review in sorted(planned.items()):
        ours = written_by_us(existing, marker(stack))
        if review is None:
            _close(github, ours, f"AWS is as described again: {run_url}")
        else:
            _tell(github, ours, f"Drift: {stack} is not as described", review)


def remind(github: GitHub, reminder: Reminder, lines: Iterable[str], *, run_url: str) -> None:
    """Open, update or close the issue of what ends.

    Args:
        github: The repository.
        reminder: Which issue.
        lines: What ends.
        run_url: Where the workflow run is.
    """
    ours = written_by_us(github.pages("issues"), reminder.marker)
    if listed := [f"- {line}" for line in lines]:
        text = "\n".join([reminder.marker, f"{reminder.about}\n", *listed])
        _tell(github, ours, reminder.title, f"{text}\n")
    else:
        _close(github, ours, f"{reminder.none}: {run_url}")


def _tell(github: GitHub, ours: list[Mapping[str, Any]], title: str, text: str) -> None:
    """Open an issue, or bring the one that is open up to date."""
    if not ours:
        github.send("POST", "issues", {"title": title, "body": text})
    elif ours[0]["body"] != text:
        github.send("PATCH", f"issues/{ours[0]['number']}", {"body": text})


def _close(github: GitHub, ours: list[Mapping[str, Any]], why: str) -> None:
    """Close the issues that are open, and say why."""
    for issue in ours:
        github.send("POST", f"issues/{issue['number']}/comments", {"body": why})
        github.send("PATCH", f"issues/{issue['number']}", {"state": "closed", "state_reason": "completed"})


def _text(stack: str, planned: Mapping[str, str | None], run_url: str) -> str:
    if stack not in planned:
        return _line(stack, f"could not be planned: [the run]({run_url}) says why.")
    return planned[stack] or _line(stack, "needs nothing to be done: its configuration changed, what it makes did not.")


def _line(stack: str, rest: str) -> str:
    return f"{marker(stack)}\n**{stack}** {rest}\n"
