"""The properties of resource types: the rows of types.toml.

    types.toml ─► row("aws_sqs_queue") ─► Type   the columns, as wealist.model.type_row describes them

Reading validates the shape of the rows. `refuse_contradictions` also compares them with the provider; it is slower, and
only `wealist check` calls it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from wealist.errors import BAD_INPUT, OperatorError, validation_message
from wealist.model import provider
from wealist.model.type_row import Type

PATH: Final = Path(__file__).with_name("types.toml")
SHOWN: Final = "wealist/model/types.toml"
"""The path of the file in messages."""
UNKNOWN: Final = f"is of a type that has no complete row in {SHOWN}, and is treated as if it held data"
"""The data that is lost with a resource of an unknown type, as `data_lost` returns it."""
_TABLE: Final = re.compile(r"^(?=\[)", re.MULTILINE)
_HEADER: Final = re.compile(r"\[(?P<kind>(?:(?:data|ephemeral)\.)?\w+)")
_NESTED: Final = ("data", "ephemeral")
_ROWS: Final = TypeAdapter(dict[str, Type])
_ALTERNATIVE: Final = re.compile(r"str|int|bool|literal\[.*\]|Type")
"""Steps that pydantic adds to the location of a value with several allowed types."""


class TypesError(OperatorError):
    """Invalid rows. The message lists every problem.

    Attributes:
        problems: One or more, each with its row.
    """

    def __init__(
        self, problems: Iterable[str], *, remedy: str = f"correct {SHOWN}; its head describes the columns"
    ) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems), remedy=remedy, exit_code=BAD_INPUT)


@cache
def rows() -> Mapping[str, Type]:
    """Return every row by its type. Data sources begin with `data.`, ephemeral resources with `ephemeral.`.

    Raises:
        TypesError: The file cannot be read, or a row is not valid.
    """
    return parse(text_of())


@cache
def row(kind: str) -> Type | None:
    """Return the row of one type; None for an unknown type. Parses that row only, to keep a synthesis fast.

    Raises:
        TypesError: The file cannot be read, or the row is not valid.
    """
    text = _row_texts().get(kind)
    return None if text is None else parse(text)[kind]


def data_lost(kind: str, values: Mapping[str, Any]) -> str | None:
    """Return a predicate that describes the data lost with a resource, such as "holds the services' data".

    A type without a complete row is treated as one that holds data.

    Args:
        kind: The resource's type.
        values: Its arguments, from a stack or a plan.

    Returns:
        None for a resource that an apply can recreate without loss.
    """
    known = row(kind)
    if known is None or "data" in known.undecided:
        return UNKNOWN
    return known.data_of(values)


def known_types() -> frozenset[str]:
    """Return every type that has a row."""
    return frozenset(_row_texts())


def incomplete(kinds: Iterable[str]) -> dict[str, str]:
    """Return the types whose row is missing or incomplete, each with a remedy that names the file and the columns."""
    found = {}
    for kind in sorted(set(kinds)):
        known = row(kind)
        if known is None:
            found[kind] = f"{SHOWN} has no row for it; run `wealist types add {kind}` and complete the row"
        elif known.undecided:
            columns = ", ".join(known.undecided)
            found[kind] = f"decide {columns} of [{kind}] in {SHOWN}, and remove them from `undecided`"
    return found


def text_of(path: Path = PATH) -> str:
    """Return the text of the file.

    Raises:
        TypesError: The file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TypesError([f"{SHOWN} cannot be read: {error}"], remedy=f"restore {SHOWN}") from None


@cache
def _row_texts() -> Mapping[str, str]:
    return dict(split(text_of())[1])


def split(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Split the text of the file into its head, and the text of each row with its type."""
    head, *tables = _TABLE.split(text)
    found: dict[str, str] = {}
    for table in tables:
        kind = _HEADER.match(table)
        name = kind["kind"] if kind else ""
        found[name] = found.get(name, "") + table
    return head, list(found.items())


def parse(text: str) -> dict[str, Type]:
    """Parse rows.

    Raises:
        TypesError: The text is not TOML, or a row is not valid. Lists every problem.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TypesError([f"{SHOWN}: {error}"]) from None
    try:
        found = _ROWS.validate_python(_with_full_names(tables))
    except ValidationError as error:
        raise TypesError(dict(map(_problem, reversed(error.errors()))).values()) from None
    if problems := [f"{SHOWN}: [{kind}] {each}" for kind, row in found.items() for each in row.contradictions(kind)]:
        raise TypesError(problems)
    return found


def _with_full_names(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables by type name. TOML reads `[data.aws_vpc]` as a table inside `data`."""
    found = dict(tables)
    for mode in _NESTED:
        inside = found.pop(mode, {})
        found |= {f"{mode}.{kind}": row for kind, row in inside.items()} if isinstance(inside, dict) else {mode: inside}
    return found


def _problem(detail: Mapping[str, Any]) -> tuple[str, str]:
    """Return the location of one pydantic error, and its message."""
    kind, *keys = (str(key) for key in detail["loc"] if not _ALTERNATIVE.fullmatch(str(key)))
    where = f"{SHOWN}: [{kind}] {'.'.join(keys)}".rstrip()
    return where, validation_message(detail, where, Type.model_fields)


def refuse_contradictions() -> None:
    """Compare the rows with the provider.

    Raises:
        TypesError: A row contradicts the provider. Lists every contradiction.
    """
    if problems := problems_with_provider(rows()):
        raise TypesError(problems)


def problems_with_provider(found: Mapping[str, Type]) -> list[str]:
    """Return contradictions to the provider: unknown types, unknown arguments, missing sensitive arguments."""
    return [f"{SHOWN}: [{kind}] {each}" for kind, row in found.items() for each in _contradictions(kind, row)]


def _contradictions(kind: str, row: Type) -> Iterator[str]:
    if not kind.removeprefix("data.").startswith("aws_"):
        return
    known = provider.arguments(kind)
    if known is None:
        yield "is not a type of the provider"
        return
    for column, path in row.paths():
        if not _exists(path, known) and not (column == "secrets" and path in provider.attributes(kind)):
            near = get_close_matches(path, known, n=1)
            yield f"{column} names {path}, which is not an argument" + (f"; did you mean {near[0]!r}?" if near else "")
    for path in provider.sensitive().get(kind, ()):
        if path not in row.secrets:
            yield f"secrets lacks {path}, which the provider marks as sensitive"


def _exists(path: str, known: Mapping[str, provider.Argument]) -> bool:
    """Return whether a path names an argument, or a key of a map argument: `tags.Name`."""
    whole = path.partition("[")[0]
    parent = whole.rpartition(".")[0]
    return whole in known or (parent in known and not known[parent].block)
