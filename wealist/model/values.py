"""Values of arguments, in a stack's JSON, in HCL and in a plan.

Read an argument by its path. cdktf, HCL and plans write the same argument in different forms: a block as an object or
as a list of objects, a boolean as `true` or as "true".

    {"ebs": [{"encrypted": "true"}]} ─ values_at "ebs.encrypted" ─► [True]

A plan also holds values that are not JSON: `UNKNOWN`, which only AWS decides, and `Sensitive`, which is masked.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

Value = Any
"""None, bool, int, float, str, list, dict, `Unknown` or `Sensitive`."""
Values = Mapping[str, Value]
"""The arguments of one resource."""
Steps = tuple[str | int, ...]
"""The path to a value: names of attributes and keys, and indexes of lists."""

NESTED: Final = (dict, list)
"""Types that hold other values. `isinstance` is twice as fast with a tuple as with `dict | list`."""
MASK: Final = "(sensitive value)"
_STEP: Final = re.compile(r"(?P<name>\w+)(?:\[(?P<entry>[^\]]+)\])?(?:\.|$)")
_NOTHING: Final = [None]
_SCALARS_AND_LISTS: Final = (str, int, float, list)
_JSON: Final = (*_SCALARS_AND_LISTS, dict, Mapping)
_BOOLEANS: Final = {"true": True, "false": False}


class Unknown(Enum):
    """A value that AWS decides when the plan is applied."""

    UNKNOWN = "known after apply"

    def __str__(self) -> str:
        """Return `(known after apply)`, as Terraform prints it."""
        return f"({self.value})"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A masked value. Two of them are equal where the values are equal; neither reveals its value.

    Attributes:
        digest: A keyed digest of the value. The key is random in each process.
    """

    digest: bytes

    def __str__(self) -> str:
        """Return `(sensitive value)`, as Terraform prints it."""
        return MASK

    __repr__ = __str__


def as_list(value: object) -> list[Any]:
    """Return a value that may be single or a list as a list; an empty one for None."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def elements(value: Value) -> list[Value]:
    """Return a list unchanged, and an empty list for any other value."""
    return value if isinstance(value, list) else []


def is_unknown(value: object) -> bool:
    """Return whether a value is not JSON: known only after the apply, or masked."""
    return value is not None and not isinstance(value, _JSON)


def values_at(values: Values, path: str) -> list[Any]:
    """Return the values at a path.

    Args:
        values: The arguments of a resource.
        path: `ebs.encrypted`; `parameter[NAME].value` selects the block whose `name` is NAME.

    Returns:
        One value for each block on the path; None for an argument that is not set.

    Raises:
        ValueError: the path leads through a value that is not a block.
    """
    if path.isidentifier():
        return [_normalized(values.get(path))]
    found: list[Any] = [values]
    for name, entry in _steps(path):
        if found == _NOTHING:
            break
        found = [
            _normalized(block if block is None or is_unknown(block) else block.get(name)) for block in _blocks(found)
        ]
        if entry:
            named = [each for each in _blocks(found) if each is not None and _is_named(each, entry)]
            found = named or [None]
    return found


def _blocks(values: list[Any]) -> Iterator[Any]:
    """Yield each block, those inside lists too."""
    for value in values:
        for each in value or [None] if isinstance(value, list) else [value]:
            if isinstance(each, _SCALARS_AND_LISTS):
                raise ValueError(f"{each!r} is not a block")  # noqa: TRY004  a value, not a caller, is wrong
            yield each


def _is_named(block: Any, entry: str) -> bool:  # noqa: ANN401  JSON is of any type
    return is_unknown(block) or block.get("name") == entry


@cache
def _steps(path: str) -> list[tuple[str, str | None]]:
    return [(step["name"], step["entry"]) for step in _STEP.finditer(path)]


def _normalized(value: Any) -> Any:  # noqa: ANN401  JSON is of any type
    """Return "true" and "false" as booleans, and any other value unchanged."""
    return _BOOLEANS.get(value, value) if isinstance(value, str) else value


def follow(value: Value, steps: Steps) -> Value:
    """Return the value that steps lead to; None where there is none."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def is_deeper(value: Value, levels: int) -> bool:
    """Return whether JSON is nested more than a number of levels deep."""
    holders = [value]
    for _ in range(levels + 1):
        holders = [
            each
            for holder in holders
            for each in (holder.values() if type(holder) is dict else holder)
            if type(each) is dict or type(each) is list
        ]
        if not holders:
            return False
    return True
