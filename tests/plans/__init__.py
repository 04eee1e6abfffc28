"""Real plans of this project, for the tests of whoever reads plans: made by `python -m tests.plans`, read by `plan`."""

import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wealist.review import markdown
from wealist.review.command import build_review
from wealist.review.options import Gate

FOLDER = Path(__file__).parents[1] / "unit" / "review" / "plans"
"""`<stack>-<what changes>.json.gz`, each the reduced JSON of a plan."""


def names() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))


def text(name: str) -> bytes:
    """The JSON of a plan, as `terraform show -json` would print it."""
    return gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes())


def plan(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text(name))
    return found


def comment_file(name: str) -> Path:
    """Where the comment on a plan lies, for people to read and for tests to see that it changes."""
    return FOLDER / f"{name}.md"


def comment(name: str) -> str:
    """What a pull request would be told of a plan."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "plan.json")
        path.write_bytes(text(name))
        review = build_review(path, gates=[Gate.STATEFUL])
    return markdown.comment(
        review, artifact_url="https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/1"
    )


def write(name: str, content: dict[str, Any]) -> None:
    """Keep a plan. The same content makes the same bytes: gzip's clock is left out."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    data = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(data, mtime=0))
