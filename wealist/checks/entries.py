"""Lists that people write in TOML, each entry with its reason: read whole, and every problem reported at once."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from annotated_types import MinLen
from pydantic import ConfigDict, Strict, StringConstraints, TypeAdapter, ValidationError

from wealist.errors import BAD_INPUT, OperatorError, validation_message

STRICT: Final = ConfigDict(extra="forbid")
Names = Annotated[tuple[Annotated[str, MinLen(1)], ...], MinLen(1)]
"""At least one name."""
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=15)]
"""A sentence that says why."""
Day = Annotated[dt.date, Strict()]
Entry = TypeVar("Entry")


def read(
    path: Path, table: str, kind: type[Entry], *, remedy: str, beside: frozenset[str] = frozenset()
) -> list[Entry]:
    """Read a file's entries.

    Args:
        path: The file.
        table: The name of its tables: `waiver` of `[[waiver]]`.
        kind: What an entry is: a dataclass that has the field `line`, where the entry begins.
        remedy: What to do about a problem.
        beside: Other tables that the file may hold.

    Raises:
        OperatorError: the file is missing or no TOML, or entries are not as they must be; exit code 2.
    """
    document = load(path, remedy=remedy)
    text = path.read_text(encoding="utf-8").splitlines()
    lines = [number for number, line in enumerate(text, start=1) if line.strip() == f"[[{table}]]"]
    problems = [f"holds {name!r}; the only table is [[{table}]]" for name in sorted(document.keys() - {table} - beside)]
    found, adapter, names = [], TypeAdapter(kind), kind.__annotations__
    for line, entry in zip(lines, document.get(table, []), strict=False):
        try:
            found.append(adapter.validate_python({**entry, "line": line}))
        except ValidationError as error:
            places = ((detail, f"line {line}: {'.'.join(map(str, detail['loc']))}") for detail in error.errors())
            problems += [validation_message(detail, place, names) for detail, place in places]
    if problems:
        raise refused(path, problems, remedy)
    return found


def load(path: Path, *, remedy: str) -> dict[str, Any]:
    """Return what a TOML file holds; raises as `read` does."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refused(path, [f"cannot be read: {error}"], remedy) from None


def refused(path: Path, problems: list[str], remedy: str) -> OperatorError:
    """Return the error of a file with problems."""
    return OperatorError(f"{path.name} {'; '.join(problems)}", remedy=f"correct {path}: {remedy}", exit_code=BAD_INPUT)
