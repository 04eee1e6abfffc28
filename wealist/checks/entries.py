"""Read hand-written lists in TOML, such as waivers and releases. All problems of a file are reported together."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from annotated_types import MinLen
from pydantic import ConfigDict, Strict, StringConstraints, TypeAdapter, ValidationError

from wealist.errors import BAD_INPUT, OperatorError, validation_message

STRICT: Final = ConfigDict(extra="forbid")
Names = Annotated[tuple[Annotated[str, MinLen(1)], ...], MinLen(1)]
"""One or more names."""
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=15)]
"""A sentence of at least 15 characters."""
Day = Annotated[dt.date, Strict()]
Entry = TypeVar("Entry")


def read(
    path: Path, table: str, kind: type[Entry], *, remedy: str, beside: frozenset[str] = frozenset()
) -> list[Entry]:
    """Read a file's entries.

    Args:
        path: The file.
        table: The name of its tables: `waiver` of `[[waiver]]`.
        kind: The type of an entry: a dataclass with the field `line`, the line where the entry begins.
        remedy: The remedy of every problem.
        beside: Other tables that are allowed in the file.

    Raises:
        OperatorError: the file is missing or not TOML, or an entry is not valid; with exit code 2.
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
    """Return the content of a TOML file; raises as `read` does."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refused(path, [f"cannot be read: {error}"], remedy) from None


def refused(path: Path, problems: list[str], remedy: str) -> OperatorError:
    """Return the error for a file with problems."""
    return OperatorError(f"{path.name} {'; '.join(problems)}", remedy=f"correct {path}: {remedy}", exit_code=BAD_INPUT)
