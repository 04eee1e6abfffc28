"""Replace attributes of moto, and report a moto that lacks them."""

from collections.abc import Callable
from typing import Final

from moto.core.responses import BaseResponse

from wealist.errors import BAD_INPUT, OperatorError

Replace = Callable[[object, str, object], None]
"""A function that replaces an attribute of a module or class: `replace`, or pytest's `monkeypatch.setattr`."""

Correction = Callable[[Replace], None]

_WRITTEN_FOR: Final = "moto 5.2"


def replace(owner: object, name: str, corrected: object) -> None:
    """Replace an attribute of moto for good. Calls that moto lacks can be added to a service.

    Raises:
        OperatorError: the attribute is missing, so this is not the version of moto that the corrections were written
            for; with exit code 2.
    """
    if not hasattr(owner, name) and not (isinstance(owner, type) and issubclass(owner, BaseResponse)):
        raise OperatorError(
            f"wealist/emulator/corrections was written for {_WRITTEN_FOR}: "
            f"{getattr(owner, '__name__', owner)} has no {name}",
            remedy="run `make setup`, which installs that version, or adapt the correction",
            exit_code=BAD_INPUT,
        )
    setattr(owner, name, corrected)
