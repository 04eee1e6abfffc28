"""What a run's planning jobs left."""

from tests.github_server import GitHubServer
from tests.unit.operations.pipeline.conftest import made
from wealist.operations.pipeline.artifacts import Planned, planned_by
from wealist.operations.pipeline.github import GitHub
from wealist.review.markdown import marker


def test_a_stack_is_planned_by_its_artifact_with_a_review_where_there_is_one(hub: GitHubServer, github: GitHub) -> None:
    hub.plan(9, made("prod"))
    hub.plan(9, made("dev", plan=None))
    hub.plan(9, made("account", plan=None), "a check fails")
    assert planned_by(github, 9) == {
        "prod": Planned(made("prod"), f"{marker('prod')}\nreview of prod"),
        "dev": Planned(made("dev", plan=None), None),
        "account": Planned(made("account", plan=None), "a check fails"),
    }


def test_artifacts_that_have_expired_or_are_no_plans_are_left(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"actions/runs/8/artifacts": {"artifacts": [{"name": "plan-prod", "expired": True}, {"name": "logs",
               "expired": False}]}})  # fmt: skip
    assert planned_by(github, 8) == {}
