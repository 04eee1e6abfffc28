"""Daily and weekly windows as AWS writes them: `17:30-18:30`, `sun:18:30-sun:19:30`."""


def _times(window: str) -> list[int]:
    """The begin and the end in minutes after midnight."""
    parts = [end.rpartition(":") for end in window.split("-")]
    return [int(hours[-2:]) * 60 + int(rest) for hours, _, rest in parts]


def minutes(window: str) -> int:
    """How long a window is."""
    start, end = _times(window)
    return end - start


def starts_before(window: str, other: str) -> bool:
    """Whether a window has ended when another one of the same day begins."""
    return _times(window)[1] <= _times(other)[0]
