"""The values of a plan as a review holds them: JSON, and four things that JSON has no words for."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from wealist.operations.review.secrets import MASK

Value = Any
"""None, bool, int, float, str, list, dict, and the classes below."""


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
        digest: of the value, with a key that this process alone has.
    """

    digest: bytes

    def __str__(self) -> str:
        """What is shown."""
        return MASK

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class JsonText:
    """A string that holds JSON, such as a policy: compared and shown as what it means."""

    value: Value


@dataclass(frozen=True, slots=True)
class Script:
    """User data, decoded."""

    text: str


def is_nothing(value: Value) -> bool:
    """Whether a value says nothing: many attributes turn from null to empty and back without any effect."""
    return value is None or (isinstance(value, str | list | dict) and not value)


def first(value: Value, *path: str) -> Value:
    """The value at a path through blocks, or None; a block that is a list of one is looked into."""
    for step in path:
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, dict):
            return value if value is UNKNOWN else None
        value = value.get(step)
    return value
