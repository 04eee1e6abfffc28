"""A GitHub of a few files behind a `gh` on PATH, and an S3 in memory."""

import json
import os
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from wealist.operations.pipeline import record
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.record import Record
from wealist.review.markdown import marker

REPOSITORY = "OrangesCloud/wealist-infrastructure"
A, B, C = "a" * 64, "b" * 64, "c" * 64

GH = '''#!{python} -IS
"""Answers from `github.json`, and writes down what it is asked to change."""
import json, pathlib, shutil, sys

here = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
if arguments[0] == "run":
    options = dict(zip(arguments[3::2], arguments[4::2]))
    source = here / "artifacts" / arguments[2] / options["--name"]
    if not source.is_dir() or options["--repo"] != "{repository}":
        sys.exit("no artifact matches any of the names or patterns provided")
    shutil.copytree(source, options["--dir"])
    sys.exit(0)
answers = json.loads((here / "github.json").read_text())
method = arguments[arguments.index("--method") + 1] if "--method" in arguments else "GET"
path = next(each for each in arguments[1:] if each.startswith("repos/{repository}/"))
path = path.removeprefix("repos/{repository}/").partition("?")[0]
if method != "GET":
    body = json.loads(sys.stdin.read())
    with (here / "sent.jsonl").open("a") as sent:
        sent.write(json.dumps([method, path, body]) + "\\n")
    sys.exit(0)
fields = [arguments[i + 1] for i, each in enumerate(arguments) if each == "-f"]
found = answers.get("?".join([path, *fields]), answers.get(path))
if found is None:
    sys.exit("gh: Not Found (HTTP 404)")
print(json.dumps([found[:1], found[1:]] if "--slurp" in arguments else found))
'''


class Hub:
    """What GitHub holds, and what was sent to it."""

    repository = REPOSITORY

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: dict[str, Any] = {}
        program = folder / "gh"
        program.write_text(GH.format(python=sys.executable, repository=REPOSITORY))
        program.chmod(0o755)
        self.holds({})

    def holds(self, answers: Mapping[str, Any]) -> None:
        """What is at which path of the API."""
        self._answers |= answers
        (self._folder / "github.json").write_text(json.dumps(self._answers))

    def artifact(self, run: int, made: Record, review: str | None = None) -> None:
        """What the planning job of a stack left."""
        folder = self._folder / "artifacts" / str(run) / f"plan-{made.stack}"
        folder.mkdir(parents=True)
        record.write(made, folder)
        if made.plan or review:
            (folder / record.REVIEW_FILE).write_text(review or f"{marker(made.stack)}\nreview of {made.stack}")
        path = f"actions/runs/{run}/artifacts"
        listed = self._answers.get(path, {"artifacts": []})["artifacts"]
        self.holds({path: {"artifacts": [*listed, {"name": folder.name, "expired": False}]}})

    def sent(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What was written, in order."""
        file = self._folder / "sent.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(method, path, body) for method, path, body in map(json.loads, lines)]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Hub(folder)


@pytest.fixture
def github(hub: Hub) -> GitHub:
    return GitHub(hub.repository)


class NoSuchKeyError(Exception):
    pass


class S3:
    """An S3 of one bucket, as boto3 shows it."""

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


def made(stack: str = "prod", *, configuration: str = A, plan: str | None = B, by_hand: str = "") -> Record:
    return Record(stack=stack, configuration=configuration, plan=plan, by_hand=by_hand)
