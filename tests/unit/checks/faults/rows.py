"""Faults as rows of a TOML file: control → stack → what somebody might have done → what is written where.

    "applies make users" = { "apply +" = "iam:CreateUser on *" }
    "a role without the boundary" = { "aws_iam_role identity_ec2_role permissions_boundary" = "-" }

A path is words with spaces between them: a type of resource or a section of the JSON, then keys. It leads through the
statements of a policy document as through any list: an element by its place, its `Sid`, `key` or itself; `+` is one
more, `++` one more like the first. `-` takes away. `[paths]` names beginnings of paths; `{name}` stands for a value of
`[values]`.
"""

import functools
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.guarded import Edit, Fault

ABSENT: Final = "-"
_SECTIONS: Final = frozenset({"data", "module", "provider", "resource", "terraform"})
_PATHS: Final = Path(__file__).with_name("iam.toml")


def read(path: Path) -> list[Fault]:
    """The faults of a file."""
    controls = _loaded(path)
    return [
        Fault(name, stack, written(changes), control)
        for control, stacks in controls.items()
        if control not in {"paths", "values"}
        for stack, rows in stacks.items()
        for name, changes in rows.items()
    ]


def written(changes: Mapping[str, Any]) -> Edit:
    """An edit that writes values at paths, one after the other."""
    named = _loaded(_PATHS)["paths"]

    def edit(document: dict[str, Any]) -> None:
        for path, value in changes.items():
            first, *rest = path.split()
            steps = [*named.get(first, first).split(), *rest]
            _write(document, steps if steps[0] in _SECTIONS else ["resource", *steps], value)

    return edit


@functools.cache
def _loaded(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    for name, value in tomllib.loads(text).get("values", {}).items():
        text = text.replace(f"{{{name}}}", value)
    return tomllib.loads(text)


def _write(place: Any, steps: list[str], value: Any) -> None:
    step, *rest = steps
    key = _key(place, step)
    if rest and isinstance(place[key], str):
        policy = json.loads(place[key])
        _write(policy["Statement"], rest, value)
        place[key] = json.dumps(policy)
    elif rest:
        _write(place[key], rest, value)
    elif value == ABSENT:
        del place[key]
    else:
        is_statement = step == "+" and isinstance(value, str) and "Effect" in place[0]
        place[key] = _statement(value) if is_statement else value


def _key(place: Any, step: str) -> Any:
    """The key of a step in an object, or the place in a list; one more is made where there is none."""
    if isinstance(place, dict):
        place.setdefault(step, {})
        return step
    if step in {"+", "++"}:
        first = json.loads(json.dumps(place[0])) if place else {}
        place.append(first | {"Sid": "Mistake"} if step == "++" else first)
        return len(place) - 1
    known = [each.get("Sid") or each.get("key") if isinstance(each, dict) else each for each in place]
    return int(step) if step.isdigit() else known.index(step)


def _statement(text: str) -> dict[str, Any]:
    """`s3:GetObject on arn:aws:s3:::x/*` → a statement that allows it; `Deny s3:GetObject` → one that refuses it."""
    what, _, resource = text.removeprefix("Deny ").partition(" on ")
    effect = "Deny" if text.startswith("Deny ") else "Allow"
    return {"Sid": "Mistake", "Effect": effect, "Action": [what], "Resource": [resource or "*"]}
