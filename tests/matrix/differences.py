"""Compare the JSON of a column with that of the default column, and the differences with differences.toml."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.matrix.documents import Documents

LIST: Final = Path(__file__).with_name("differences.toml")
_NOTHING: Final = object()


@dataclass(frozen=True)
class Difference:
    """A value in the JSON that differs.

    Attributes:
        path: The path in a stack's JSON: `terraform.required_providers.aws.version`.
        default: The default column's value; None if it has none.
        column: The column's value; None if it has none.
    """

    path: str
    default: Any
    column: Any


def listed(column: str) -> dict[Difference, str]:
    """Return the committed differences of a column, each with its reason."""
    rows = tomllib.loads(LIST.read_text(encoding="utf-8")).get(column, [])
    return {Difference(row["path"], row.get("default"), row.get("column")): row["reason"] for row in rows}


def find_differences(default: Documents, column: Documents) -> dict[Difference, list[str]]:
    """Return every difference with its stacks."""
    by_difference: dict[Difference, list[str]] = {}
    for name in sorted(default.keys() | column.keys()):
        for each in _differences(default.get(name, {}), column.get(name, {}), ""):
            by_difference.setdefault(each, []).append(name)
    return by_difference


def problems(actual: Mapping[Difference, list[str]], committed: Mapping[Difference, str]) -> list[str]:
    """Return differences that are not listed, and listed ones that no longer occur."""
    unlisted = [
        f"{', '.join(stacks)}: {each.path} is {each.column!r}, not {each.default!r}; list it with its reason"
        for each, stacks in actual.items()
        if each not in committed
    ]
    gone = [
        f"{each.path} is no longer {each.column!r} in place of {each.default!r}; delete its entry"
        for each in committed
        if each not in actual
    ]
    return unlisted + gone


def _differences(default: Any, column: Any, path: str) -> Iterator[Difference]:
    if isinstance(default, Mapping) and isinstance(column, Mapping):
        for key in sorted(default.keys() | column.keys()):
            yield from _differences(default.get(key, _NOTHING), column.get(key, _NOTHING), f"{path}.{key}".lstrip("."))
    elif isinstance(default, list) and isinstance(column, list) and len(default) == len(column):
        for number, pair in enumerate(zip(default, column, strict=True)):
            yield from _differences(*pair, f"{path}.{number}")
    elif default != column:
        yield Difference(path, _leaf(default), _leaf(column))


def _leaf(value: Any) -> Any:
    if value is _NOTHING:
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)
