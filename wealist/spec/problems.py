"""Problems of settings: each names the setting, its value and a remedy. `SpecError` reports all of them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from wealist.spec.settings import Invalid, Settings

ABSENT: Final = object()
"""The value of a setting that has none."""


@dataclass(frozen=True)
class Problem:
    """One problem of an environment, or of the account's baseline.

    Attributes:
        field: Path of the setting, as written in Python: `network.cidr`; or a line of the file.
        value: The value, or `ABSENT`.
        message: What is wrong with the value.
        remedy: What to write instead.
        owner: Name of the environment, or of its file if the name cannot be read; `account` for the baseline. Rules
            leave it empty, and `check` sets it.
    """

    field: str
    value: object
    message: str
    remedy: str
    owner: str = ""

    def __str__(self) -> str:
        """Return one line."""
        value = "" if self.value is ABSENT else f" = {self.value!r}"
        return f"{self.owner}: {self.field}{value} {self.message}; {self.remedy}"


class SpecError(Exception):
    """Settings from which nothing can be built.

    Attributes:
        problems: All problems of all environments and of the baseline; at least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{count} in the settings of wealist/spec:\n{lines}")


def from_validation(owner: str, settings: object, invalid: Invalid) -> list[Problem]:
    """Return the problems that pydantic found: missing values, and values of the wrong type.

    Args:
        owner: See `Problem`.
        settings: The settings in the file, which determine the paths of the groups.
        invalid: The invalid groups. A group that `settings` does not contain is named by its class.
    """
    groups = settings.within() if isinstance(settings, Settings) else ()
    paths = {id(group): path for path, group in groups}
    problems = []
    for group, error in invalid:
        path = paths.get(id(group), f"{error.title}.")
        declared = f"{type(group).__module__.replace('.', '/')}.py"
        for detail in error.errors():
            field = path + ".".join(map(str, detail["loc"]))
            if detail["type"] == "missing":
                problems.append(Problem(field, ABSENT, "is missing", f"{declared} describes it", owner))
            else:
                remedy = f"give it a value of the type that {declared} declares"
                problems.append(Problem(field, detail["input"], f"is not valid ({detail['msg']})", remedy, owner))
    return problems


def unknown_fields(group: Settings) -> Iterator[Problem]:
    """Yield a problem for each unknown setting of a group and of the groups inside it."""
    for path, settings in group.within():
        known = list(type(settings).model_fields)
        for name, value in (settings.model_extra or {}).items():
            yield Problem(f"{path}{name}", value, "is not a setting", suggestion(name, known))


def suggestion(name: str, known: Sequence[str]) -> str:
    """Return a remedy for an unknown name: the most similar known name, else all known names."""
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known)}"


def outside(field: str, value: int, allowed: range, remedy: str, unit: str = "") -> Iterator[Problem]:
    """Yield a problem if a number is outside a range.

    Args:
        field: Path of the setting.
        value: Its value.
        allowed: The range; its end is excluded, as in Python.
        remedy: What to write instead.
        unit: Follows the range in the message, such as ` days`.
    """
    if value not in allowed:
        yield Problem(field, value, f"is not between {allowed.start} and {allowed.stop - 1}{unit}", remedy)
