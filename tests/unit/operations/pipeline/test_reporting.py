"""Comments and issues are created, updated in place and closed."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from tests.github_server import GitHubServer
from wealist.checks import waivers
from wealist.checks.waivers import Waiver
from wealist.operations.pipeline.github import BOT, GitHub
from wealist.operations.pipeline.reminders import reminders
from wealist.operations.pipeline.reporting import update_comments, update_drift_issues, update_reminder
from wealist.review.markdown import marker

pytestmark = pytest.mark.exhaustive

COMMENTS = "issues/12/comments"
RUN = "https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/9"
TODAY = dt.date(2026, 11, 22)
ENDS = Waiver(("S3.14", "CKV_AWS_21"), ("*",), ("aws_s3_bucket.*",), "Copies", "As documented.", dt.date(2027, 1, 1), 7)
LASTS = Waiver(("ECR.2",), ("*",), ("aws_ecr_repository.*",), "Fixed tags", "As documented.", dt.date(2027, 11, 1), 14)
WAIVERS = """<!-- wealist-waivers -->
No check fails. For each, review the reason and set a later day, or meet the control and delete the entry.

- waivers.toml:7 ends on 2027-01-01: S3.14, CKV_AWS_21. As documented.
"""
REVIEW = f"{marker('prod')}\n## prod: 1 to destroy"


def track_waivers(github: GitHub, known: list[Waiver], today: dt.date, *, run_url: str) -> None:
    (reminder,) = [each for each in reminders() if each.name == "waivers"]
    lines = [waivers.expiry_note(each, today) for each in waivers.expiring(known, today)]
    update_reminder(github, reminder, lines, run_url=run_url)


def item(number: int, body: str | None, author: str = BOT) -> dict[str, Any]:
    return {"id": number, "number": number, "user": {"login": author}, "body": body}


def comment(github: GitHub, reviews: Mapping[str, str | None], changed: list[str]) -> None:
    update_comments(github, 12, reviews=reviews, changed=changed, run_url=RUN)


def test_a_review_is_posted_as_a_comment(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: [item(1, "looks good", "colleague"), item(2, None, "colleague")]})
    comment(github, {"prod": REVIEW}, ["prod"])
    assert hub.sent() == [("POST", COMMENTS, {"body": REVIEW})]


def test_a_second_push_updates_the_comment(hub: GitHubServer, github: GitHub) -> None:
    other = f"{marker('dev')}\n## dev"
    hub.holds({COMMENTS: [item(1, other), item(2, "talk", "colleague"), item(3, f"{marker('prod')}\nearlier")]})
    comment(github, {"prod": REVIEW, "dev": other}, ["dev", "prod"])
    assert hub.sent() == [("PATCH", "issues/comments/3", {"body": REVIEW})]


def test_comments_of_other_authors_are_not_changed(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: [item(1, f"{marker('prod')}\nall is fine, merge it", "colleague")]})
    comment(github, {"prod": REVIEW}, ["prod"])
    assert hub.sent() == [("POST", COMMENTS, {"body": REVIEW})]


def test_a_stack_that_could_not_be_planned_is_reported_with_its_run(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: [item(3, REVIEW)]})
    comment(github, {}, ["prod"])
    ((_, path, body),) = hub.sent()
    assert path == "issues/comments/3"
    assert body["body"].startswith(marker("prod"))
    assert f"could not be planned: see [the run]({RUN})." in body["body"]


def test_a_stack_without_changes_is_reported_as_such(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: []})
    comment(github, {"prod": None}, ["prod"])
    ((method, _, body),) = hub.sent()
    assert (method, "has nothing to apply" in body["body"]) == ("POST", True)


def test_the_comment_of_a_stack_that_is_no_longer_changed_is_updated(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: [item(3, REVIEW), item(4, f"{marker('dev')}\nspoofed", "colleague")]})
    comment(github, {}, [])
    ((method, path, body),) = hub.sent()
    assert (method, path) == ("PATCH", "issues/comments/3")
    assert "is no longer changed by this pull request" in body["body"]


def test_drift_opens_an_issue(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(1, "a wish", "colleague")]})
    update_drift_issues(github, {"prod": REVIEW, "dev": None}, run_url=RUN)
    assert hub.sent() == [("POST", "issues", {"title": "Drift: prod is not as described", "body": REVIEW})]


@pytest.mark.parametrize(("before", "sent"), [(REVIEW, 0), (f"{marker('prod')}\nyesterday's", 1)])
def test_continuing_drift_updates_its_issue(hub: GitHubServer, github: GitHub, before: str, sent: int) -> None:
    hub.holds({"issues": [item(1, "a wish", "colleague"), item(5, before)]})
    update_drift_issues(github, {"prod": REVIEW}, run_url=RUN)
    assert hub.sent() == [("PATCH", "issues/5", {"body": REVIEW})] * sent


def test_ended_drift_closes_its_issue_with_a_comment(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(5, REVIEW), item(6, f"{marker('dev')}\n## dev")]})
    update_drift_issues(github, {"prod": None}, run_url=RUN)
    assert hub.sent() == [
        ("POST", "issues/5/comments", {"body": f"AWS is as described again: {RUN}"}),
        ("PATCH", "issues/5", {"state": "closed", "state_reason": "completed"}),
    ]


def test_the_issue_of_a_stack_that_could_not_be_planned_stays_open(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(5, REVIEW)]})
    update_drift_issues(github, {}, run_url=RUN)
    assert hub.sent() == []


def test_ending_waivers_open_an_issue_that_lists_only_them(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(1, WAIVERS, "colleague"), item(5, REVIEW)]})
    track_waivers(github, [LASTS, ENDS], TODAY, run_url=RUN)
    assert hub.sent() == [("POST", "issues", {"title": "Waivers that end", "body": WAIVERS})]


def test_the_issue_of_waivers_is_updated_only_when_its_text_changes(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(5, WAIVERS)]})
    track_waivers(github, [ENDS], TODAY + dt.timedelta(days=20), run_url=RUN)
    assert hub.sent() == []
    track_waivers(github, [ENDS], ENDS.expires, run_url=RUN)
    assert hub.sent() == [("PATCH", "issues/5", {"body": WAIVERS.replace("ends on", "ended on")})]


def test_the_issue_of_waivers_is_closed_with_a_comment_when_none_ends(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(5, WAIVERS), item(6, REVIEW)]})
    track_waivers(github, [LASTS], TODAY, run_url=RUN)
    assert hub.sent() == [
        ("POST", "issues/5/comments", {"body": f"No waiver ends within 60 days: {RUN}"}),
        ("PATCH", "issues/5", {"state": "closed", "state_reason": "completed"}),
    ]


def test_without_ending_waivers_and_issue_nothing_is_sent(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": []})
    track_waivers(github, [LASTS], TODAY, run_url=RUN)
    assert hub.sent() == []
