"""Evaluate Terraform's version constraints: `>= 5.100, < 7`, `~> 6.25`.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

_PART: Final = re.compile(r"\s*(?P<operator>=|!=|>=?|<=?|~>)?\s*(?P<version>\d+(?:\.\d+)*)\s*")
Numbers = tuple[int, ...]


def _is_rightmost_newer(version: Numbers, least: Numbers, written: int) -> bool:
    """Evaluate `~>`: only the rightmost written number may be higher. A single number has no upper bound."""
    fixed = written - 1
    return version >= least and version[:fixed] == least[:fixed]


_OPERATORS: Final[Mapping[str, Callable[[Numbers, Numbers, int], bool]]] = {
    "=": lambda version, bound, _: version == bound,
    "!=": lambda version, bound, _: version != bound,
    ">": lambda version, bound, _: version > bound,
    ">=": lambda version, bound, _: version >= bound,
    "<": lambda version, bound, _: version < bound,
    "<=": lambda version, bound, _: version <= bound,
    "~>": _is_rightmost_newer,
}


def admits(constraint: str, version: str) -> bool:
    """Return whether a constraint admits a released version.

    Args:
        constraint: Conditions separated by commas, all of which must hold.
        version: `5.100.0`.

    Raises:
        ValueError: a condition is malformed, or names a pre-release version.
    """
    return all(_admits(part, _numbers(version)) for part in constraint.split(","))


def _admits(part: str, version: Numbers) -> bool:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"{part.strip()!r} is not a constraint on released versions")
    written = match["version"].count(".") + 1
    return _OPERATORS[match["operator"] or "="](version, _numbers(match["version"]), written)


def _numbers(version: str) -> Numbers:
    """Return (5, 100, 0) for `5.100`."""
    numbers = tuple(map(int, version.split(".")))
    return numbers + (0,) * (3 - len(numbers))
