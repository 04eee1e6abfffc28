"""Read the tables of faults in this folder. A row is a fault: a control that must report it, a name, and the changes.

control:
  the load balancer is internal: {in: dev, aws_lb.load_balancer_alb internal: true}

`in` names the stack; the default is prod. A change is a path and its new value; null removes it. `path ~ text` replaces
a text within a string. A path begins with an address, or with a section of the stack's JSON; its further words are keys
and elements, also within a JSON text such as a policy. An element of a list is named by its index, its `Sid`, its `key`
or its value; `+` appends a new element, `++` a copy of the first.

names.yaml defines abbreviations of paths, and values for `{name}`. `s3:GetObject on *` and `Deny s3:GetObject` stand
for statements, `rds 5432 from ec2` and `alb all to 0.0.0.0/0` for security group rules.
"""

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.syntheses import Edit, Fault, copy_json
from tests.unit.checks.faults import secrets

Table = dict[str, dict[str, dict[str, Any]]]
"""Control → name → changes."""
_FOLDER: Final = Path(__file__).parent
_TYPES: Final = ("aws_", "null_")
_STATEMENTS: Final = "Statement"
_NAMED: Final = re.compile(r"\{(\w+)\}")
_GROUP: Final = re.compile(r"[a-z0-9_]+")


def _loaded(name: str) -> Any:
    return yaml.load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)


@functools.cache
def _paths() -> dict[str, str]:
    return dict(_loaded("names")["paths"])


@functools.cache
def _values() -> dict[str, Any]:
    named = {name.lower(): value for name, value in vars(secrets).items() if isinstance(value, str)}
    return {**_loaded("names")["values"], **named}


@functools.cache
def table(name: str) -> Table:
    """Return the rows of a file in this folder."""
    found: Table = _loaded(name)
    return found


def faults_of(name: str) -> list[Fault]:
    """Return the faults of a file in this folder."""
    return [
        Fault(fault, str(row.get("in", "prod")), edit_from(row), control)
        for control, rows in table(name).items()
        for fault, row in rows.items()
    ]


def edit_from(row: Mapping[str, Any]) -> Edit:
    """Return an edit that applies the changes of a row in order."""

    def edit(document: dict[str, Any]) -> None:
        for place, value in row.items():
            path, _, text = place.partition(" ~ ")
            if path != "in":
                _change(document, _way(_filled(path)), text, _filled(value))

    return edit


def _way(path: str) -> list[str]:
    first, *rest = path.split()
    address, *named = _paths().get(first, first).split()
    way = [*address.split("."), *named, *rest]
    return ["resource", *way] if address.startswith(_TYPES) else way


def combined(*edits: Edit) -> Edit:
    """Return an edit that applies several edits in order."""

    def edit(document: dict[str, Any]) -> None:
        for each in edits:
            each(document)

    return edit


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_filled(name): _filled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each) for each in value]
    if not isinstance(value, str):
        return value
    whole = _NAMED.fullmatch(value)
    if whole and whole[1] in _values():
        return _values()[whole[1]]
    return _NAMED.sub(lambda name: str(_values().get(name[1], name[0])), value)


def _change(place: Any, way: list[str], text: str, value: Any) -> Any:
    """Set a value, or replace a text of it, at the end of a path within `place`; return the changed `place`."""
    if not way:
        return place.replace(text, value) if text else value
    if isinstance(place, str):
        document = json.loads(place)
        inside = [_STATEMENTS] if _STATEMENTS in document and way[0] not in document else []
        return json.dumps(_change(document, [*inside, *way], text, value))
    first, *rest = way
    at: Any = _place(place, first) if isinstance(place, list) else first
    before = place[at] if isinstance(place, list) else place.get(at, {} if rest else None)
    after = _change(before, rest, text, value if rest else _expanded(place, at, value))
    if after is None:
        del place[at]
    else:
        place[at] = after
    return place


def _place(several: list[Any], name: str) -> int:
    """Return the index of an element; append one for `+` and `++`."""
    if name in {"+", "++"}:
        several.append(copy_json(several[0]) | {"Sid": "Mistake"} if name == "++" else {})
        return len(several) - 1
    known = [each.get("Sid") or each.get("key") if isinstance(each, dict) else each for each in several]
    return int(name) if name.isdigit() else known.index(name)


def _expanded(place: Any, at: str | int, value: Any) -> Any:
    """Expand an abbreviated statement or security group rule."""
    if isinstance(value, str) and isinstance(place, list) and "Effect" in place[0]:
        return _statement(value)
    return _rule(value) if isinstance(value, str) and at == "firewall_mistake" else value


def _statement(text: str) -> dict[str, Any]:
    what, _, resource = text.removeprefix("Deny ").partition(" on ")
    effect = "Deny" if text.startswith("Deny ") else "Allow"
    return {"Sid": "Mistake", "Effect": effect, "Action": [what], "Resource": [resource or "*"]}


def _rule(text: str) -> dict[str, Any]:
    owner, port, _, peer = text.split()
    ports = {} if port == "all" else {"from_port": int(port), "to_port": int(port)}
    named = {"security_group_id": _group(owner), "description": "for a while", **_peer(peer)}
    return {**named, "ip_protocol": "tcp" if ports else "-1", **ports}


def _peer(text: str) -> dict[str, str]:
    if _GROUP.fullmatch(text):
        return {"referenced_security_group_id": _group(text)}
    if text.endswith(".prefix_list_id}"):
        return {"prefix_list_id": text}
    return {"cidr_ipv6" if "::" in text else "cidr_ipv4": text}


def _group(name: str) -> str:
    return f"${{aws_security_group.firewall_{name}_sg.id}}"


def change_modules(folder: Path, row: dict[str, str]) -> None:
    """Apply a row of modules.yaml to a copy of `modules/`."""
    for place, value in row.items():
        file, _, text = place.partition(" ~ ")
        path = folder / file
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        assert text in before, f"{file} does not contain {text}"
        path.write_text(before.replace(text, value) if text else before + value, encoding="utf-8")


FAULTS: Final = [
    fault for path in ("network", "rules", "stack", "foreign", "iam", "secrets") for fault in faults_of(path)
]
