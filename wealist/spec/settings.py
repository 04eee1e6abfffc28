"""What every group of settings is: frozen, its types checked, and everything wrong in a file is reported at once.

An environment's file writes its groups one after another. The first value of a wrong type would end it there, and hide
those that follow. So where `collecting_invalid` is entered, a group that is not valid is made all the same, without its
wrong values: whoever reads one of those gets an `AttributeError`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError


class Settings(BaseModel):
    """Base of every group of settings: frozen; an unknown field is kept, and reported by the rules."""

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

    # It does what BaseModel's own does where all is well, so pydantic need not call it for groups inside others:
    # that would read their JSON as Python values, among which a list is no tuple.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def within(self, path: str = "") -> Iterator[tuple[str, "Settings"]]:
        """This group and those inside it, each with how its fields' paths begin: `backend.`, `services[user].`."""
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
        """Whether no value was left out, here and in every group inside."""
        return all(group.__dict__.keys() >= type(group).model_fields.keys() for _, group in self.within())


Invalid = list[tuple[Settings, ValidationError]]
_INVALID: Final[ContextVar[Invalid | None]] = ContextVar("_INVALID", default=None)


@contextmanager
def collecting_invalid() -> Iterator[Invalid]:
    """Collects what is wrong with each group that is made meanwhile, where the first would raise."""
    invalid: Invalid = []
    token = _INVALID.set(invalid)
    try:
        yield invalid
    finally:
        _INVALID.reset(token)
