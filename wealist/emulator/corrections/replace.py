"""What a correction is given to work with."""

from collections.abc import Callable

Replace = Callable[[object, str, object], None]
"""Replaces an attribute of a module or a class: `setattr`, or pytest's `monkeypatch.setattr`."""

Correction = Callable[[Replace], None]
