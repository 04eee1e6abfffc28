"""Daily and weekly windows in AWS's format: `17:30-18:30`, `sun:18:30-sun:19:30`."""


def _times(window: str) -> list[int]:
    """Return the start and the end in minutes after midnight."""
    parts = [end.rpartition(":") for end in window.split("-")]
    return [int(hours[-2:]) * 60 + int(rest) for hours, _, rest in parts]


def minutes(window: str) -> int:
    """Return the length of a window."""
    start, end = _times(window)
    return end - start


def starts_before(window: str, other: str) -> bool:
    """Return whether a window ends before another one of the same day starts."""
    return _times(window)[1] <= _times(other)[0]
