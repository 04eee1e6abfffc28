"""How a problem with an environment is told: the field, the value, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one environment.

    Attributes:
        environment: its name, or its file's where the values could not be read.
        field: path of the setting, as written in Python: `network.cidr`.
        value: the value found, as Python would print it.
        message: what is wrong with the value.
        remedy: what to write in its place.
    """

    environment: str
    field: str
    value: object
    message: str
    remedy: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.environment}: {self.field} = {self.value!r} {self.message}; {self.remedy}"


class SpecError(Exception):
    """Environments that cannot be built. Lists every problem of all of them.

    Attributes:
        problems: at least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{count} in the environments of wealist/spec/environments:\n{lines}")


def from_validation(environment: str, error: ValidationError) -> list[Problem]:
    """The problems that pydantic found in values of the wrong type."""
    return [
        Problem(
            environment,
            ".".join([error.title, *map(str, detail["loc"])]),
            detail["input"],
            f"is not valid ({detail['msg']})",
            "give it a value of the type that wealist/spec/environment.py declares",
        )
        for detail in error.errors()
    ]
