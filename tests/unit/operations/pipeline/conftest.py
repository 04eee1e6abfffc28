"""A client of the loopback GitHub, an S3 in memory, and builders of records and GitHub environments."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.github_server import GitHubServer
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.plans import Record

A, B, C = "a" * 64, "b" * 64, "c" * 64


def plan_record(stack: str = "prod", *, configuration: str = A, plan: str | None = B, by_hand: str = "") -> Record:
    return Record(stack=stack, configuration=configuration, plan=plan, terraform="1.15.5", by_hand=by_hand)


def protected(*names: str, **changes: Any) -> dict[str, Any]:
    """Environments as docs/pipeline.md requires them, in the format of GitHub's documentation, or changed."""
    team = [{"type": "Team", "reviewer": {}}]
    rules = [{"type": "branch_policy"}, {"type": "required_reviewers", "prevent_self_review": True, "reviewers": team}]
    custom = {"protected_branches": False, "custom_branch_policies": True}
    environment = {"protection_rules": rules, "deployment_branch_policy": custom} | changes
    main = {"branch_policies": [{"name": "main", "type": "branch"}]}
    policies = {f"environments/{name}/deployment-branch-policies": main for name in names}
    return {"environments": {"environments": [{"name": name, **environment} for name in names]}, **policies}


@pytest.fixture
def github(hub: GitHubServer) -> GitHub:
    return GitHub(hub.repository)


@pytest.fixture(autouse=True)
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a job's summary."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


class NoSuchKeyError(Exception):
    pass


class S3:
    """The part of boto3's S3 client that stores plans."""

    class exceptions:  # noqa: N801  boto3's name
        NoSuchKey = NoSuchKeyError

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803  boto3's names
        assert Bucket == "wealist-terraform-plans"
        self.objects[Key] = Body

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  boto3's names
        assert Bucket == "wealist-terraform-plans"
        if Key not in self.objects:
            raise NoSuchKeyError
        return {"Body": BytesIO(self.objects[Key])}


@pytest.fixture
def s3() -> S3:
    return S3()
