"""A broken plan is reviewed or refused: nothing is raised, no markup breaks, and no secret is shown."""

import io
import json
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console

from tests.unit.review.builders import Json
from tests.unit.review.mutations import Mutation, bases
from tests.unit.review.test_text import Tags, tokens
from wealist.errors import OperatorError, UnreadablePlan
from wealist.review import as_json, markdown, page, terminal
from wealist.review.command import build_review
from wealist.review.layout import LIMIT
from wealist.review.options import Gate
from wealist.review.verdict import Review

URL = "https://example.com/review"
ALL = 1_500
SCRIPTS = 2
"""Elements of that name on a page, both our own."""
SOME = 20
"""Plans in the quick selection."""
CHUNK = 100
DOCUMENTED = set(UnreadablePlan)
ALLOWED = {"details", "/details", "summary", "/summary", "code", "/code", "b", "/b"}


@cache
def all_bases() -> tuple[Json, ...]:
    return tuple(bases())


def mutation(seed: int) -> Mutation:
    return Mutation(seed, all_bases()[seed % len(all_bases())])


def review_of(data: bytes, folder: Path) -> Review | None:
    """The review of a plan; None where it is refused."""
    path = folder / "plan.json"
    path.write_bytes(data)
    try:
        return build_review(path, gates=list(Gate), with_unchanged=True)
    except OperatorError as error:
        refusal = error
    assert refusal.exit_code in DOCUMENTED
    assert refusal.remedy
    return None


def check_markup(comment: str, stack: str) -> None:
    """Whatever a plan's author writes is code: no link, no image, no tag and no mention of it is left in a comment."""
    assert len(comment.encode()) <= LIMIT
    parsed = tokens(comment)
    tags = Tags("".join(each.content for each in parsed if each.type in {"html_block", "html_inline"})).tags
    assert tags.count(f"comment {markdown.marker(stack)[4:-3]}") == 1
    assert {each for each in tags if each not in ALLOWED} == {f"comment {markdown.marker(stack)[4:-3]}"}
    assert tags.count("details") == tags.count("/details")
    assert tags.count("summary") == tags.count("/summary")
    assert [each.attrGet("href") for each in parsed if each.type == "link_open"] == [URL]
    assert not [each for each in parsed if each.type == "image"]
    outside = "".join(each.content for each in parsed if each.type == "text")
    assert not [mark for mark in ("@", "#", "evil", "click") if mark in outside]


def check(seed: int, folder: Path) -> bool:
    """Whether a mutated plan is reviewed, and not refused."""
    broken = mutation(seed)
    review = review_of(broken.text(), folder)
    if review is None:
        return False
    comment = markdown.comment(review, artifact_url=URL)
    check_markup(comment, review.stack)
    screen = io.StringIO()
    terminal.show(review, Console(file=screen, width=10_000))
    whole, drawn = as_json.as_json(review), page.page(review)
    assert drawn.count("<script") == SCRIPTS
    assert json.loads(whole)["stack"] == review.stack
    assert all(each.isprintable() for each in screen.getvalue().replace("\n", ""))
    assert not [
        secret for secret in broken.secrets for form in (comment, screen.getvalue(), whole, drawn) if secret in form
    ]
    return True


def reviewed_part(seeds: range, folder: Path) -> float:
    return sum(check(seed, folder) for seed in seeds) / len(seeds)


def test_some_mutated_plans_are_reviewed_without_errors_or_secrets(tmp_path: Path) -> None:
    assert reviewed_part(range(SOME), tmp_path) > 0.5


@pytest.mark.exhaustive
@pytest.mark.parametrize("first", range(0, ALL, CHUNK))
def test_all_mutated_plans_are_reviewed_without_errors_or_secrets(first: int, tmp_path: Path) -> None:
    assert reviewed_part(range(first, first + CHUNK), tmp_path) > 0.5


def test_mutations_are_reproducible() -> None:
    assert [mutation(seed).text() for seed in range(5)] == [mutation(seed).text() for seed in range(5)]
