"""The base of groups of settings: frozen, with checked types, and with all errors of a file reported at once.

An environment's file creates its groups one after another, so an error at the first invalid value would hide those that
follow. Within `collecting_invalid`, an invalid group is therefore created without its invalid values. Reading such a
value raises an `AttributeError`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError


class Settings(BaseModel):
    """A group of settings. It is frozen, and keeps unknown fields, which the rules report."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  as pydantic declares it
        try:
            super().__init__(**values)
        except ValidationError as error:
            if (invalid := _INVALID.get()) is None:
                raise
            invalid.append((self, error))
            unchecked = type(self).model_construct(**values)
            for detail in error.errors():
                unchecked.__dict__.pop(str(detail["loc"][0]), None)
            self.__setstate__(unchecked.__getstate__())

    # For valid values, this `__init__` does the same as that of BaseModel, so pydantic need not call it for nested
    # groups. It would read their JSON as Python values, and reject a list as a tuple.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def within(self, path: str = "") -> Iterator[tuple[str, "Settings"]]:
        """Yield this group and those inside it, each with the prefix of its fields: `backend.`, `services[user].`."""
        yield path, self
        for name in type(self).model_fields:
            value = self.__dict__.get(name)
            if isinstance(value, Settings):
                yield from value.within(f"{path}{name}.")
            elif isinstance(value, tuple):
                for position, item in enumerate(value):
                    if isinstance(item, Settings):
                        yield from item.within(f"{path}{name}[{item.__dict__.get('name', position)}].")

    @property
    def is_whole(self) -> bool:
        """Whether no value is missing, in this group and those inside it."""
        return all(group.__dict__.keys() >= type(group).model_fields.keys() for _, group in self.within())


Invalid = list[tuple[Settings, ValidationError]]
_INVALID: Final[ContextVar[Invalid | None]] = ContextVar("_INVALID", default=None)


@contextmanager
def collecting_invalid() -> Iterator[Invalid]:
    """Collect the errors of invalid groups, instead of raising the first one."""
    invalid: Invalid = []
    token = _INVALID.set(invalid)
    try:
        yield invalid
    finally:
        _INVALID.reset(token)
