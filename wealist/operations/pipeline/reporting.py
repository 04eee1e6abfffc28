"""Comments on pull requests, and issues about drift and expiry.

Each comment and issue is updated in place. It is recognized by its author, the workflow's bot, and by the marker at its
beginning; text by other authors is never changed.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from wealist.operations.pipeline.github import BOT, GitHub
from wealist.operations.pipeline.reminders import Reminder
from wealist.review.markdown import marker

_MARKER: Final = re.compile(r"<!-- wealist-plan-review:([a-z0-9-]+) -->")
Items = list[Mapping[str, Any]]
"""Comments or issues, as GitHub returns them."""
Reviews = Mapping[str, str | None]
"""Planned stack → its review, or None if there is nothing to apply and no check fails."""


def update_comments(github: GitHub, pull_request: int, *, reviews: Reviews, changed: list[str], run_url: str) -> None:
    """Create or update the comment of each changed stack on a pull request; unplanned ones link to the run."""
    path = f"issues/{pull_request}/comments"
    existing = github.pages(path)
    texts = {stack: _comment(stack, reviews, run_url) for stack in changed}
    commented = {match[1] for item in existing if (match := _MARKER.match(item["body"] or ""))}
    # An earlier push may have changed stacks that this one does not.
    texts |= {stack: _line(stack, "is no longer changed by this pull request.") for stack in commented - set(changed)}
    for stack, text in sorted(texts.items()):
        own = _own(existing, marker(stack))
        if not own:
            if stack in changed:
                github.send("POST", path, {"body": text})
        elif own[0]["body"] != text:
            github.send("PATCH", f"issues/comments/{own[0]['id']}", {"body": text})


def update_drift_issues(github: GitHub, reviews: Reviews, *, run_url: str) -> None:
    """Open, update or close the issue of each planned stack. Issues of other stacks stay as they are."""
    # GitHub lists pull requests among issues; the bot opens none.
    existing = github.pages("issues")
    for stack, review in sorted(reviews.items()):
        own = _own(existing, marker(stack))
        if review is None:
            _close(github, own, f"AWS is as described again: {run_url}")
        else:
            _open_or_update(github, own, f"Drift: {stack} is not as described", review)


def update_reminder(github: GitHub, reminder: Reminder, lines: Iterable[str], *, run_url: str) -> None:
    """Open or update the issue of a reminder with lines about what expires; without lines, close it."""
    own = _own(github.pages("issues"), reminder.marker)
    if items := [f"- {line}" for line in lines]:
        text = "\n".join([reminder.marker, f"{reminder.about}\n", *items])
        _open_or_update(github, own, reminder.title, f"{text}\n")
    else:
        _close(github, own, f"{reminder.none}: {run_url}")


def _own(items: Iterable[Mapping[str, Any]], start: str) -> Items:
    """Return the items by the workflow's bot whose text begins with a marker, oldest first."""
    return [item for item in items if item["user"]["login"] == BOT and (item["body"] or "").startswith(start)]


def _open_or_update(github: GitHub, own: Items, title: str, text: str) -> None:
    if not own:
        github.send("POST", "issues", {"title": title, "body": text})
    elif own[0]["body"] != text:
        github.send("PATCH", f"issues/{own[0]['number']}", {"body": text})


def _close(github: GitHub, own: Items, reason: str) -> None:
    for issue in own:
        github.send("POST", f"issues/{issue['number']}/comments", {"body": reason})
        github.send("PATCH", f"issues/{issue['number']}", {"state": "closed", "state_reason": "completed"})


def _comment(stack: str, reviews: Reviews, run_url: str) -> str:
    if stack not in reviews:
        return _line(stack, f"could not be planned: see [the run]({run_url}).")
    return reviews[stack] or _line(stack, "has nothing to apply: its configuration changed, its resources did not.")


def _line(stack: str, rest: str) -> str:
    return f"{marker(stack)}\n**{stack}** {rest}\n"
