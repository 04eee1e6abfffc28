"""How a problem with a setting is reported: the field, the value, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wealist.spec.settings import Invalid, Settings

ABSENT: Final = object()
"""The value of a field that has none."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one environment, or with the account's baseline.

    Attributes:
        environment: its name, or its file's where the values could not be read; `account` for the baseline.
        field: path of the setting, as written in Python: `network.cidr`; or a line of the file.
        value: the value found, as Python would print it, or `ABSENT`.
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
        value = "" if self.value is ABSENT else f" = {self.value!r}"
        return f"{self.environment}: {self.field}{value} {self.message}; {self.remedy}"


class SpecError(Exception):
    """Settings that nothing can be built of. Lists every problem of all of them.

    Attributes:
        problems: at least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{count} in the settings of wealist/spec:\n{lines}")


def from_validation(environment: str, settings: object, invalid: Invalid) -> list[Problem]:
    """The problems that pydantic found in values of the wrong type.

    Args:
        environment: its name.
        settings: what the file holds, which tells where in it each group of settings stands.
        invalid: the groups that are not valid. One that `settings` does not hold is called by its class.
    """
    groups = settings.within() if isinstance(settings, Settings) else ()
    paths = {id(group): path for path, group in groups}
    found = []
    for group, error in invalid:
        path = paths.get(id(group), f"{error.title}.")
        declared = f"{type(group).__module__.replace('.', '/')}.py"
        for detail in error.errors():
            field = path + ".".join(map(str, detail["loc"]))
            if detail["type"] == "missing":
                found.append(Problem(environment, field, ABSENT, "is missing", f"{declared} says what it is"))
            else:
                remedy = f"give it a value of the type that {declared} declares"
                found.append(Problem(environment, field, detail["input"], f"is not valid ({detail['msg']})", remedy))
    return found
