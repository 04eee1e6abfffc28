"""The errors that building an app can end with."""


class ToolkitError(Exception):
    """Something that the reader of the message can put right.

    Attributes:
        remedy: what to do about it, as a sentence without its full stop.
    """

    def __init__(self, problem: str, *, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy
