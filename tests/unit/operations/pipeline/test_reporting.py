"""One comment per stack in a pull request, one issue per stack that has drifted, one of the waivers that end."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from tests.github_server import GitHubServer
from wealist.checks import waivers
from wealist.checks.waivers import Waiver
from wealist.operations.pipeline.github import BOT, GitHub
from wealist.operations.pipeline.reminders import reminders
from wealist.operations.pipeline.reporting import comment, remind, track_drift
from wealist.review.markdown import marker

pytestmark = pytest.mark.exhaustive

COMMENTS = "issues/12/comments"
RUN = "https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/9"
TODAY = dt.date(2026, 11, 22)
ENDS = Waiver(("S3.14", "CKV_AWS_21"), ("*",), ("aws_s3_bucket.*",), "Copies", "As documented.", dt.date(2027, 1, 1), 7)
LASTS = Waiver(("ECR.2",), ("*",), ("aws_ecr_repository.*",), "Fixed tags", "As documented.", dt.date(2027, 11, 1), 14)
WAIVERS = """<!-- wealist-waivers -->
Nothing fails by them. For each, review the reason and set a later day, or meet the control and delete the entry.

- waivers.toml:7 ends on 2027-01-01: S3.14, CKV_AWS_21. As documented.
"""
REVIEW = f"{marker('prod')}\n## prod: 1 to destroy"


def track_waivers(github: GitHub, known: list[Waiver], today: dt.date, *, run_url: str) -> None:
    (reminder,) = [each for each in reminders() if each.name == "waivers"]
    remind(
        github, reminder, [waivers.expiry_note(each, today) for each in waivers.expiring(known, today)], run_url=run_url
    )


def item(number: int, body: str | None, author: str = BOT) -> dict[str, Any]:
    return {"id": number, "number": number, "user": {"login": author}, "body": body}


def commented(github: GitHub, planned: Mapping[str, str | None], changed: list[str]) -> None:
    comment(github, 12, planned=planned, changed=changed, run_url=RUN)


def test_a_review_becomes_a_comment(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: [item(1, "looks good", "colleague"), item(2, None, "colleague")]})
    commented(github, {"prod": REVIEW}, ["prod"])
    assert hub.sent() == [("POST", COMMENTS, {"body": REVIEW})]


def test_a_second_push_rewrites_the_comment_in_its_place(hub: GitHubServer, github: GitHub) -> None:
    other = f"{marker('dev')}\n## dev"
    hub.holds({COMMENTS: [item(1, other), item(2, "talk", "colleague"), item(3, f"{marker('prod')}\nearlier")]})
    commented(github, {"prod": REVIEW, "dev": other}, ["dev", "prod"])
    assert hub.sent() == [("PATCH", "issues/comments/3", {"body": REVIEW})]


def test_somebody_elses_comment_is_never_taken_for_ours(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: [item(1, f"{marker('prod')}\nall is fine, merge it", "colleague")]})
    commented(github, {"prod": REVIEW}, ["prod"])
    assert hub.sent() == [("POST", COMMENTS, {"body": REVIEW})]


def test_a_stack_that_could_not_be_planned_is_said_to_be_so(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: [item(3, REVIEW)]})
    commented(github, {}, ["prod"])
    ((_, path, body),) = hub.sent()
    assert path == "issues/comments/3"
    assert body["body"].startswith(marker("prod"))
    assert f"could not be planned: [the run]({RUN}) says why." in body["body"]


def test_a_stack_whose_plan_is_empty_is_said_to_need_nothing(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({COMMENTS: []})
    commented(github, {"prod": None}, ["prod"])
    ((method, _, body),) = hub.sent()
    assert (method, "needs nothing to be done" in body["body"]) == ("POST", True)


def test_the_comment_of_an_earlier_push_does_not_stand_for_what_this_one_does(
    hub: GitHubServer, github: GitHub
) -> None:
    hub.holds({COMMENTS: [item(3, REVIEW), item(4, f"{marker('dev')}\nspoofed", "colleague")]})
    commented(github, {}, [])
    ((method, path, body),) = hub.sent()
    assert (method, path) == ("PATCH", "issues/comments/3")
    assert "is not changed by this pull request any more" in body["body"]


def test_drift_opens_an_issue(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(1, "a wish", "colleague")]})
    track_drift(github, {"prod": REVIEW, "dev": None}, run_url=RUN)
    assert hub.sent() == [("POST", "issues", {"title": "Drift: prod is not as described", "body": REVIEW})]


@pytest.mark.parametrize(("before", "sent"), [(REVIEW, 0), (f"{marker('prod')}\nyesterday's", 1)])
def test_drift_that_goes_on_keeps_its_issue_up_to_date(
    hub: GitHubServer, github: GitHub, before: str, sent: int
) -> None:
    hub.holds({"issues": [item(1, "a wish", "colleague"), item(5, before)]})
    track_drift(github, {"prod": REVIEW}, run_url=RUN)
    assert hub.sent() == [("PATCH", "issues/5", {"body": REVIEW})] * sent


def test_drift_that_has_ended_closes_its_issue_and_says_so(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(5, REVIEW), item(6, f"{marker('dev')}\n## dev")]})
    track_drift(github, {"prod": None}, run_url=RUN)
    assert hub.sent() == [
        ("POST", "issues/5/comments", {"body": f"AWS is as described again: {RUN}"}),
        ("PATCH", "issues/5", {"state": "closed", "state_reason": "completed"}),
    ]


def test_a_stack_that_could_not_be_planned_keeps_its_issue(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(5, REVIEW)]})
    track_drift(github, {}, run_url=RUN)
    assert hub.sent() == []


def test_waivers_that_end_open_an_issue_that_names_them_and_no_others(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(1, WAIVERS, "colleague"), item(5, REVIEW)]})
    track_waivers(github, [LASTS, ENDS], TODAY, run_url=RUN)
    assert hub.sent() == [("POST", "issues", {"title": "Waivers that end", "body": WAIVERS})]


def test_the_issue_of_waivers_is_rewritten_when_one_has_ended_and_left_alone_on_other_days(
    hub: GitHubServer, github: GitHub
) -> None:
    hub.holds({"issues": [item(5, WAIVERS)]})
    track_waivers(github, [ENDS], TODAY + dt.timedelta(days=20), run_url=RUN)
    assert hub.sent() == []
    track_waivers(github, [ENDS], ENDS.expires, run_url=RUN)
    assert hub.sent() == [("PATCH", "issues/5", {"body": WAIVERS.replace("ends on", "ended on")})]


def test_the_issue_of_waivers_is_closed_when_none_ends_any_more_and_says_so(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [item(5, WAIVERS), item(6, REVIEW)]})
    track_waivers(github, [LASTS], TODAY, run_url=RUN)
    assert hub.sent() == [
        ("POST", "issues/5/comments", {"body": f"No waiver ends within 60 days: {RUN}"}),
        ("PATCH", "issues/5", {"state": "closed", "state_reason": "completed"}),
    ]


def test_where_no_waiver_ends_and_no_issue_is_open_nothing_is_sent(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": []})
    track_waivers(github, [LASTS], TODAY, run_url=RUN)
    assert hub.sent() == []
