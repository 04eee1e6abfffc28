"""A broken plan is reviewed or rejected: no other error, no broken markup, no secret."""

import io
import json
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console

from tests import plans
from tests.unit.review.builders import Json
from tests.unit.review.mutations import Mutation, small
from tests.unit.review.test_formatting import Tags, tokens
from wealist.errors import OperatorError, UnreadablePlan
from wealist.review import as_json, markdown, page, terminal
from wealist.review.command import build_review
from wealist.review.layout import LIMIT
from wealist.review.options import Gate
from wealist.review.verdict import Review

URL = "https://example.com/review"
ALL = 1_500
SCRIPTS = 2
"""Script elements of a page, both its own."""
SOME = 15
"""Plans in the quick selection."""
CHUNK = 100
DOCUMENTED = set(UnreadablePlan)
ALLOWED = {"details", "/details", "summary", "/summary", "code", "/code", "b", "/b"}


@cache
def recorded() -> list[Json]:
    """The small plan and each recorded one, which take a second to read."""
    return [small(), *(plans.plan(name) for name in plans.names())]


def review_of(data: bytes, folder: Path) -> Review | None:
    """Return the review of a plan, or None if it is rejected."""
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
    """Check that a comment contains no link, image, tag or mention from the plan."""
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


def check(broken: Mutation, folder: Path) -> bool:
    """Check the review of a mutated plan; return False if it is rejected."""
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


def test_some_mutated_plans_are_reviewed_without_errors_or_secrets(tmp_path: Path) -> None:
    assert sum(check(Mutation(seed, small()), tmp_path) for seed in range(SOME)) > SOME / 2


@pytest.mark.exhaustive
@pytest.mark.parametrize("first", range(0, ALL, CHUNK))
def test_all_mutated_plans_are_reviewed_without_errors_or_secrets(first: int, tmp_path: Path) -> None:
    bases = recorded()
    seeds = range(first, first + CHUNK)
    assert sum(check(Mutation(seed, bases[seed % len(bases)]), tmp_path) for seed in seeds) > CHUNK / 2


def test_mutations_are_reproducible() -> None:
    one, other = ([Mutation(seed, small()).text() for seed in range(5)] for _ in range(2))
    assert one == other
