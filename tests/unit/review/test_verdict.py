"""Types that are not judged are counted and named, and prevent a green verdict."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.review.builders import change, review_of, shown
from wealist.review.as_json import as_json
from wealist.review.markdown import comment

UNHEARD = change("aws_unheard_of.a", "create", after={"a": 1})
CALM = change("aws_kms_alias.a", "update", before={"name": "a"}, after={"name": "b"})


def top(folder: Path, *changes: dict[str, Any]) -> str:
    """Return the part of the comment above the first fold."""
    return comment(review_of(folder, *changes), artifact_url=None).partition("<details>")[0]


@pytest.mark.parametrize("actions", [("create",), ("update",), ("delete", "create")])
def test_a_type_without_a_row_or_a_rule_is_named_above_the_fold(tmp_path: Path, actions: tuple[str, ...]) -> None:
    seen = top(tmp_path, change("aws_unheard_of.a", *actions, before={"a": 0}, after={"a": 1}))
    assert "1 resource of types that are not judged: `aws_unheard_of`" in seen
    assert "no risk found" not in seen


def test_resources_are_counted_by_type(tmp_path: Path) -> None:
    other = change("aws_unheard_of.b", "create", after={"a": 1})
    third = change("azurerm_thing.a", "create", after={"a": 1})
    seen = top(tmp_path, UNHEARD, other, third)
    assert "3 resources of types that are not judged: `aws_unheard_of (2)` and `azurerm_thing`" in seen


def test_the_verdict_is_neutral_and_not_green(tmp_path: Path) -> None:
    review = review_of(tmp_path, UNHEARD, CALM)
    assert comment(review, artifact_url=None).splitlines()[1].startswith("## 🔵 ")
    assert json.loads(as_json(review))["unjudged"] == {"aws_unheard_of": 1}


def test_a_known_risk_outranks_unjudged_types(tmp_path: Path) -> None:
    lost = change("aws_db_instance.a", "delete", before={"a": 1})
    seen = top(tmp_path, UNHEARD, lost)
    assert seen.splitlines()[1].startswith("## 🔴 ")
    assert "types that are not judged" in seen


def test_a_plan_of_judged_types_does_not_mention_them(tmp_path: Path) -> None:
    seen = shown(tmp_path, CALM)
    assert "types that are not judged" not in seen
    assert "🟢" in seen


def test_many_types_are_listed_in_part(tmp_path: Path) -> None:
    many = [change(f"aws_unheard_of_{number:03}.a", "create", after={}) for number in range(400)]
    (line,) = [line for line in top(tmp_path, *many).splitlines() if "types that are not judged" in line]
    assert line.startswith("**400 resources of types")
    assert "and 392 more" in line
