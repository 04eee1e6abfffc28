"""What a correction is given to work with."""

from collections.abc import Callable
from typing import Final

from moto.core.responses import BaseResponse

from wealist.errors import BAD_INPUT, OperatorError

Replace = Callable[[object, str, object], None]
"""Replaces an attribute of a module or a class: `replace`, or pytest's `monkeypatch.setattr`."""

Correction = Callable[[Replace], None]

_WRITTEN_FOR: Final = "moto 5.2"


def replace(owner: object, name: str, corrected: object) -> None:
    """Replace an attribute of moto's, for good. A service may get a call that it lacks.

    Raises:
        OperatorError: moto has no such attribute: it is another version than the corrections were written for.
    """
    if not hasattr(owner, name) and not (isinstance(owner, type) and issubclass(owner, BaseResponse)):
        raise OperatorError(
            f"wealist/emulator/corrections was written for {_WRITTEN_FOR}: "
            f"{getattr(owner, '__name__', owner)} has no {name}",
            remedy="run `make setup`, which installs that version, or adapt the correction",
            exit_code=BAD_INPUT,
        )
    setattr(owner, name, corrected)
