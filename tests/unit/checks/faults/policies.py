"""How faults are put into policy documents."""

import json
from collections.abc import Callable
from typing import Any

from tests.guarded import Edit

Statement = dict[str, Any]


def statement(kind: str, name: str, edit: Callable[[Statement], object], argument: str = "policy") -> Edit:
    """Changes the first statement of a policy document in place."""

    def change(document: dict[str, Any]) -> None:
        values = document["resource"][kind][name]
        policy = json.loads(values[argument])
        edit(policy["Statement"][0])
        values[argument] = json.dumps(policy)

    return change


def grants(kind: str, name: str, **given: object) -> Edit:
    """Adds a statement that allows something: `Action`, `Resource`, `Condition`."""

    def change(document: dict[str, Any]) -> None:
        values = document["resource"][kind][name]
        policy = json.loads(values["policy"])
        policy["Statement"].append({"Sid": "Mistake", "Effect": "Allow", **given})
        values["policy"] = json.dumps(policy)

    return change
