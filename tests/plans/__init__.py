"""Recorded plans of this project: `python -m tests.plans` records them, tests read them."""

import gzip
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from wealist.review import markdown
from wealist.review.command import build_review
from wealist.review.options import Gate
from wealist.review.verdict import Review

FOLDER = Path(__file__).parents[1] / "unit" / "review" / "plans"
"""`<stack>-<what changes>.json.gz`, each the reduced JSON of a plan."""


def names() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))


def each_plan(*quick: str) -> pytest.MarkDecorator:
    """Parametrize a test with the `name` of each recorded plan; all but `quick` are exhaustive."""
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=() if name in quick else pytest.mark.exhaustive) for name in names()]
    )


def text(name: str) -> bytes:
    """Return the JSON of a plan, as `terraform show -json` prints it."""
    return gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes())


def plan(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text(name))
    return found


@cache
def review(name: str) -> Review:
    """Return the review of a plan with the gate `stateful`."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "plan.json")
        path.write_bytes(text(name))
        return build_review(path, gates=[Gate.STATEFUL], with_unchanged=True)


@cache
def comment(name: str) -> str:
    """Return the comment on a pull request with a plan."""
    url = "https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/1"
    return markdown.comment(review(name), artifact_url=url)


def comment_file(name: str) -> Path:
    """Return the path of the recorded comment, which people read and tests compare."""
    return FOLDER / f"{name}.md"


def write(name: str, content: dict[str, Any]) -> None:
    """Record a plan. Equal contents result in equal bytes, because gzip's time stamp is 0."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    data = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(data, mtime=0))
