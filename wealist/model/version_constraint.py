"""Version constraints as Terraform reads them: `>= 5.100, < 7`, `~> 6.25`.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

_PART: Final = re.compile(r"\s*(?P<operator>=|!=|>=?|<=?|~>)?\s*(?P<version>\d+(?:\.\d+)*)\s*")
Numbers = tuple[int, ...]


def _is_rightmost_newer(version: Numbers, least: Numbers, written: int) -> bool:
    """`~>`: only the rightmost number that is written may be higher. One number alone has no bound."""
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
        constraint: Parts separated by commas, all of which must hold.
        version: `5.100.0`.

    Raises:
        ValueError: a part is no constraint, or names a version that is no release.
    """
    return all(_holds(part, _numbers(version)) for part in constraint.split(","))


def _holds(part: str, version: Numbers) -> bool:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(f"{part.strip()!r} is no constraint on released versions")
    written = found["version"].count(".") + 1
    return _OPERATORS[found["operator"] or "="](version, _numbers(found["version"]), written)


def _numbers(version: str) -> Numbers:
    """`5.100` → (5, 100, 0)."""
    numbers = tuple(map(int, version.split(".")))
    return numbers + (0,) * (3 - len(numbers))
