"""Values by their path, in every form that cdktf, HCL and plans write.

{"ebs": [{"encrypted": "true"}]} ─ values_at "ebs.encrypted" ─► [True]

A block stands as an object or in a list, and `true` may be "true".
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

Values = Mapping[str, Any]
"""The arguments of one resource. A value that is no JSON (a caller's sentinel) is one that nobody knows yet."""
_STEP: Final = re.compile(r"(?P<name>\w+)(?:\[(?P<entry>[^\]]+)\])?(?:\.|$)")
_NOTHING: Final = [None]
_NO_BLOCK: Final = (str, int, float, list)
_JSON: Final = (*_NO_BLOCK, dict, Mapping)
_BOOLEANS: Final = {"true": True, "false": False}


def several(value: object) -> list[Any]:
    """Return what may stand alone or in a list, as a list."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def is_unknown(value: object) -> bool:
    """Whether a value is no JSON: a sentinel for what is known only after an apply, or is hidden."""
    return value is not None and not isinstance(value, _JSON)


def values_at(values: Values, path: str) -> list[Any]:
    """The values at a path: one for each block that the path leads through, and None where nothing is set.

    Raises:
        ValueError: something else stands where the path has a block.
    """
    if path.isidentifier():
        return [_plain(values.get(path))]
    found: list[Any] = [values]
    for name, entry in _steps(path):
        if found == _NOTHING:
            break
        found = [_plain(block if block is None or is_unknown(block) else block.get(name)) for block in _blocks(found)]
        if entry:
            named = [each for each in _blocks(found) if each is not None and _is_named(each, entry)]
            found = named or [None]
    return found


def _blocks(values: list[Any]) -> Iterator[Any]:
    """Each block among values: of lists, their elements."""
    for value in values:
        for each in value or [None] if isinstance(value, list) else [value]:
            if isinstance(each, _NO_BLOCK):
                raise ValueError(f"{each!r} stands in the place of a block")  # noqa: TRY004  a value, not a caller, is wrong
            yield each


def _is_named(block: Any, entry: str) -> bool:  # noqa: ANN401  JSON is of any type
    return is_unknown(block) or block.get("name") == entry


@cache
def _steps(path: str) -> list[tuple[str, str | None]]:
    return [(step["name"], step["entry"]) for step in _STEP.finditer(path)]


def _plain(value: Any) -> Any:  # noqa: ANN401  JSON is of any type
    """A value with "true" and "false" as booleans."""
    return _BOOLEANS.get(value, value) if isinstance(value, str) else value
