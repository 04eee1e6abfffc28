"""The values of a plan: JSON, what is known only after the apply, what is sensitive, and the ways to values.

Loads nothing: the command line asks here why a plan was not read.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, Final

Value = Any
"""None, bool, int, float, str, list, dict, and the classes below."""
Steps = tuple[str | int, ...]
"""The way to a value: names of attributes and keys, and places in lists."""

NESTED: Final = (dict, list)
"""What holds other values. As a tuple, `isinstance` takes it in half the time of `dict | list`, millions of times."""
MASK: Final = "(sensitive value)"


class Unreadable(IntEnum):
    """Why a plan is not read: the exit code of the command that should have read it."""

    NOT_A_PLAN = 3
    UNKNOWN_FORMAT = 4
    CUT_OFF = 5
    ERRORED = 6
    PARTIAL = 7


class Unknown(Enum):
    """A value that AWS decides when the plan is applied."""

    UNKNOWN = "known after apply"

    def __str__(self) -> str:
        """What is shown."""
        return f"({self.value})"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Stands in the place of a sensitive value: equal where the value is, and gives nothing of it away.

    Attributes:
        digest: Of the value, with a key that only this process has.
    """

    digest: bytes

    def __str__(self) -> str:
        """What is shown."""
        return MASK

    __repr__ = __str__


def follow(value: Value, steps: Steps) -> Value:
    """The value that steps lead to; None where they lead nowhere."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def elements(value: Value) -> list[Value]:
    """A list as it is; of anything else, no element."""
    return value if isinstance(value, list) else []


def is_deeper(value: Value, levels: int) -> bool:
    """Whether JSON is nested more deeply than some levels."""
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
