"""Read the tables of faults beside this module: one line each, of what is changed and which control must find it.

control:
  what somebody might have done: {in: dev, aws_lb.load_balancer_alb.internal: true}

`in` names the stack; without it, it is prod. A path leads into the stack's JSON, into `resource` where it begins with a
type, and further into a JSON text such as a policy. A number is a place in a list, `+` a further one. A value of null
takes away what is there. `path ~ text` replaces a text within a string.
"""

import json
from pathlib import Path
from typing import Any, Final

import yaml

from tests.guarded import Edit, Fault

Table = dict[str, dict[str, dict[str, Any]]]
"""Control → name → what is changed."""
_FOLDER: Final = Path(__file__).parent
_TYPES: Final = ("aws_", "null_")


def table(name: str) -> Table:
    """Return the rows of a file in this folder."""
    found: Table = yaml.load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def faults_of(name: str) -> list[Fault]:
    """Return the faults of a file in this folder."""
    return [
        Fault(fault, str(row.get("in", "prod")), changes(row), control)
        for control, rows in table(name).items()
        for fault, row in rows.items()
    ]


def changes(row: dict[str, Any]) -> Edit:
    """Return an edit that makes the changes of a row, in order."""

    def edit(document: dict[str, Any]) -> None:
        for place, value in row.items():
            path, _, text = place.partition(" ~ ")
            within = ["resource"] if path.startswith(_TYPES) else []
            if path != "in":
                _change(document, [*within, *path.split(".")], text, value)

    return edit


def _change(place: Any, way: list[str], text: str, value: Any) -> Any:
    """Return what stands at a place once a value, or a text of it, is changed at the end of a way through it."""
    if not way:
        return place.replace(text, value) if text else value
    if isinstance(place, str):
        return json.dumps(_change(json.loads(place), way, text, value))
    first, *rest = way
    if isinstance(place, list):
        at = len(place) if first == "+" else int(first)
        place[at : at + 1] = [_change(place[at] if at < len(place) else None, rest, text, value)]
        return place
    place[first] = _change(place.get(first, {} if rest else None), rest, text, value)
    if place[first] is None:
        del place[first]
    return place


def change_modules(folder: Path, row: dict[str, str]) -> None:
    """Make the changes of a row of modules.yaml in a copy of `modules/`."""
    for place, value in row.items():
        file, _, text = place.partition(" ~ ")
        path = folder / file
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        assert text in before, f"{file} holds no {text}"
        path.write_text(before.replace(text, value) if text else before + value, encoding="utf-8")


FAULTS: Final = [fault for path in ("network", "rules", "stack", "foreign") for fault in faults_of(path)]
