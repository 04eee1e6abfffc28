"""What the types of AWS are: the rows of types.toml, typed. The head of that file describes every column.

    types.toml ─► rows() ─► row("aws_sqs_queue") ─┬─ holds(values)              what is lost with it
                                                  ├─ actions("create", "read")  what Terraform calls
                                                  └─ weaker_settings, networked, …

Reading the rows checks their shape. `refuse_contradictions` holds them against the provider; that takes longer, and is
for `wealist check`.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictBool, StrictInt, TypeAdapter, ValidationError

from wealist.errors import BAD_INPUT, OperatorError, validation_message
from wealist.model import provider

PATH: Final = Path(__file__).with_name("types.toml")
SHOWN: Final = "wealist/model/types.toml"
_AWS: Final = "aws_"
_TABLE: Final = re.compile(r"^(?=\[)", re.MULTILINE)
_HEADER: Final = re.compile(r"\[(?P<kind>(?:(?:data|ephemeral)\.)?\w+)")
ANY: Final = "*"
"""In a row: any value at all."""
UNKNOWN: Final = f"is of a type that has no complete row in {SHOWN}; treated as if it held data"
"""What is lost with a resource of an unknown type."""

Phase = Literal["create", "read", "update", "delete"]
Worsening = Literal["off", "on", "fewer", "shorter", "removed", "optional", "older", "written"]
NetworkPart = Literal["vpc", "subnet", "group", "range", "way", "public", "rule", "none"]
PolicyKind = Literal["identity", "trust", "resource", "attachment", "principal", "unread", "none"]
PHASES: Final[tuple[Phase, ...]] = get_args(Phase)


class TypesError(OperatorError):
    """Rows that cannot be used. Lists every problem of all of them.

    Attributes:
        problems: At least one, each with the row that it is in.
    """

    def __init__(
        self, problems: Iterable[str], *, remedy: str = f"correct {SHOWN}; its head says what it may hold"
    ) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems), remedy=remedy, exit_code=BAD_INPUT)


class _Columns(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Protection(_Columns):
    """An argument by which a resource protects what it holds, and its right value."""

    path: str
    value: StrictBool | StrictInt | Literal["*"]
    default: StrictBool = False
    remedy: str | None = None
    unsaved: str | None = None

    def is_met(self, value: object) -> bool:
        """Whether an argument has its right value; None is an argument that is not set."""
        if value is None:
            return self.default
        if self.value == ANY:
            return isinstance(value, str) and bool(value)
        return type(value) is type(self.value) and value == self.value

    @property
    def advice(self) -> str:
        """What to do where it is not met."""
        return self.remedy or f"set it to {str(self.value).lower()}"


class Effect(_Columns):
    """How bad something is, and why, as the end of a sentence about the resource."""

    danger: str | None = None
    caution: str | None = None


class Exposure(Effect):
    """Values of an argument that open a resource to others."""

    path: str
    values: tuple[StrictBool | StrictInt | str, ...]


class Weaker(_Columns):
    """How an argument changes when it protects less; `danger` where that is more than a weaker protection."""

    how: Worsening
    danger: str | None = None


class Loss(_Columns):
    """How an argument changes when its update destroys something, and what that is, as a sentence."""

    how: Worsening
    what: str


class Passed(_Columns):
    """Who runs as the role that an argument names: a service, an instance profile's type, or nobody."""

    to: str
    by: tuple[str, ...] = ("arn",)
    required: StrictBool = False


class Lookup(_Columns):
    """How objects of a type are found in AWS, and imported."""

    by: str | None = None
    call: str | None = None
    items: str | None = None
    name: str | None = None
    id: str | None = None
    prefix: str | None = None
    vpc: str = "VpcId"
    code: StrictBool = False
    form: str | None = None
    again: str | None = None


def _table_of(key: str) -> BeforeValidator:
    """Allow a string in place of a table: its value at `key`."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def _words(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


class Type(_Columns):
    """One row: what is known about one type. The head of types.toml describes the columns."""

    what: str
    undecided: tuple[str, ...] = ()
    data: str | Literal[False] | None = None
    data_if: Mapping[str, str] = {}
    protect: tuple[Protection, ...] = ()
    weaker: Mapping[str, Annotated[Weaker, _table_of("how")]] = {}
    losses: Mapping[str, Loss] = {}
    exposes: tuple[Exposure, ...] = ()
    created: Effect | None = None
    tls: tuple[str, ...] = ()
    network: Mapping[str, NetworkPart] | None = None
    policies: Mapping[str, PolicyKind] = {}
    roles: Mapping[str, Annotated[Passed, _table_of("to")]] = {}
    secrets: tuple[str, ...] = ()
    serves: str | None = None
    interrupts: Mapping[str, str] = {}
    changes: Mapping[str, str] = {}
    refused: Mapping[str, Worsening] = {}
    windowed: str | None = None
    service: str | None = None
    create: Words = ()
    read: Words = ()
    update: Words = ()
    delete: Words = ()
    unneeded: Words = ()
    linked_role: str | None = None
    by_hand: str | None = None
    arns: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    for_each: StrictBool = False
    cdn_region: StrictBool = False
    lookup: Lookup | None = None

    def holds(self, values: Mapping[str, Any]) -> str | None:
        """What is lost with a resource, as the end of a sentence about it; None where an apply makes it again.

        Args:
            values: Its arguments, from a stack or a plan.
        """
        if not self.data:
            return None
        if not self.data_if:
            return self.data
        found = ((values.get(path), wanted) for path, wanted in self.data_if.items())
        return self.data if any(value is not None and wanted in (value, ANY) for value, wanted in found) else None

    def actions(self, *phases: Phase) -> tuple[str, ...]:
        """The IAM actions that Terraform needs, as `service:Action`, without duplicates.

        Args:
            phases: `create`, `read`, `update`, `delete`; all of them where none is given.
        """
        words = (word for phase in phases or PHASES for word in getattr(self, phase))
        return tuple(dict.fromkeys(map(self._action, words)))

    @property
    def write_actions(self) -> tuple[str, ...]:
        """The actions that an apply needs beyond those that read; none where somebody else creates the resource."""
        return () if self.by_hand else self.actions("create", "update", "delete")

    @property
    def unneeded_actions(self) -> tuple[str, ...]:
        """Actions that AWS names as dependent on the others, and that the resources here do not need."""
        return tuple(map(self._action, self.unneeded))

    @property
    def networked(self) -> bool:
        """Whether a resource is a part of a network: it may open a way, or be reached by one."""
        return self.network is not None and (not self.network or set(self.network.values()) != {"none"})

    @property
    def weaker_settings(self) -> Mapping[str, Weaker]:
        """Path → how the argument changes when it protects less: of what protects the data, and of the rest."""
        return {**{each.path: Weaker(how=_weakening(each.value)) for each in self.protect}, **self.weaker}

    def _action(self, word: str) -> str:
        return word if ":" in word else f"{self.service}:{word}"


def _weakening(value: object) -> Worsening:
    if value is True:
        return "off"
    if value is False:
        return "on"
    return "removed" if value == ANY else "fewer"


@cache
def rows() -> Mapping[str, Type]:
    """Type → its row, of all types. Data sources begin with `data.`, ephemeral resources with `ephemeral.`.

    Raises:
        TypesError: The file cannot be read, or a row is not valid.
    """
    return parse(text_of())


@cache
def row(kind: str) -> Type | None:
    """The row of one type; None where it has none. Reads that row alone, which a synthesis can afford.

    Raises:
        TypesError: The file cannot be read, or the row is not valid.
    """
    text = _written().get(kind)
    return None if text is None else parse(text)[kind]


def loss(kind: str, values: Mapping[str, Any]) -> str | None:
    """What is lost with a resource, as the end of a sentence about it; None where an apply makes it again.

    A type without a complete row counts as one that holds data.

    Args:
        kind: The resource's type.
        values: Its arguments, from a stack or a plan.
    """
    known = row(kind)
    if known is None or "data" in known.undecided:
        return UNKNOWN
    return known.holds(values)


def known_types() -> frozenset[str]:
    """Every type that has a row."""
    return frozenset(_written())


def text_of(path: Path = PATH) -> str:
    """The text of the file of rows.

    Raises:
        TypesError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TypesError([f"{SHOWN} cannot be read: {error}"], remedy=f"restore {SHOWN}") from None


@cache
def _written() -> Mapping[str, str]:
    """Type → its row as it is written, with the tables inside it."""
    return dict(split(text_of())[1])


def split(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The head of a file's text, and each type with its row as it is written."""
    head, *tables = _TABLE.split(text)
    found: dict[str, str] = {}
    for table in tables:
        kind = _HEADER.match(table)
        name = kind["kind"] if kind else ""
        found[name] = found.get(name, "") + table
    return head, list(found.items())


def parse(text: str) -> dict[str, Type]:
    """The rows of a file's text.

    Raises:
        TypesError: It is no TOML, or a row is not valid. Names every problem.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TypesError([f"{SHOWN}: {error}"]) from None
    try:
        found = _ROWS.validate_python(_with_whole_names(tables))
    except ValidationError as error:
        raise TypesError(dict(map(_problem, reversed(error.errors()))).values()) from None
    if problems := [f"{SHOWN}: [{kind}] {each}" for kind, row in found.items() for each in _contradictions(kind, row)]:
        raise TypesError(problems)
    return found


_ROWS: Final = TypeAdapter(dict[str, Type])
_NESTED: Final = ("data", "ephemeral")
_ALTERNATIVE: Final = re.compile(r"str|int|bool|literal\[.*\]|Type")
"""What pydantic adds to the place of a value that may be of several types."""


def _with_whole_names(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables by their whole names: TOML reads `[data.aws_vpc]` as a table inside `data`."""
    found = dict(tables)
    for mode in _NESTED:
        inside = found.pop(mode, {})
        found |= {f"{mode}.{kind}": row for kind, row in inside.items()} if isinstance(inside, dict) else {mode: inside}
    return found


def _problem(detail: Mapping[str, Any]) -> tuple[str, str]:
    """Where a problem is that pydantic found, and the problem itself."""
    kind, *keys = (str(key) for key in detail["loc"] if not _ALTERNATIVE.fullmatch(str(key)))
    where = f"{SHOWN}: [{kind}] {'.'.join(keys)}".rstrip()
    return where, validation_message(detail, where, Type.model_fields)


def _contradictions(kind: str, row: Type) -> Iterator[str]:
    """What a row says in two ways, or leaves out."""
    if unknown := [key for key in row.undecided if key not in Type.model_fields]:
        yield f"undecided names no column: {', '.join(unknown)}"
    if not row.what and "what" not in row.undecided:
        yield "what is empty: say what a resource is, in a few plain words"
    yield from _contradictions_of_data(row)
    yield from _contradictions_of_actions(kind, row)
    for path in row.interrupts.keys() & row.changes.keys():
        yield f"{path} is in interrupts and in changes"
    for each in (*row.exposes, *([row.created] if row.created else ())):
        if (each.danger is None) == (each.caution is None):
            yield "exposes and created need either danger or caution"
    if row.lookup:
        yield from _contradictions_of_lookup(row.lookup)


def _contradictions_of_data(row: Type) -> Iterator[str]:
    if row.data is None and "data" not in row.undecided:
        yield "data is missing: say what a resource holds, or false where an apply makes it again"
    if row.data is False:
        yield from (f"{key} contradicts data = false" for key in ("data_if", "protect") if getattr(row, key))
    for path in sorted(row.weaker.keys() & {each.path for each in row.protect}):
        yield f"weaker repeats {path}, which protect has"
    for path in sorted(row.losses.keys() & row.weaker_settings.keys()):
        yield f"losses repeats {path}, which weaker or protect has"


def _contradictions_of_actions(kind: str, row: Type) -> Iterator[str]:
    if row.service is None and (words := [word for word in row.actions() if word.startswith("None:")]):
        yield f"service is missing, which {words[0].removeprefix('None:')} is an action of"
    if both := set(row.actions()) & set(row.unneeded_actions):
        yield f"unneeded names what Terraform calls: {', '.join(sorted(both))}"
    if kind.startswith(_AWS) and not row.create and not row.by_hand and "create" not in row.undecided:
        yield "create is missing: name the calls, or say in by_hand who creates it"


def _contradictions_of_lookup(lookup: Lookup) -> Iterator[str]:
    if lookup.call and not (lookup.items and "." in lookup.call):
        yield "lookup.call needs service.operation, and lookup.items"
    if lookup.form and (lookup.by or lookup.prefix or lookup.code):
        yield "lookup.form is for types that are not looked for"
    if bool(lookup.form) != bool(lookup.again):
        yield "lookup.form and lookup.again belong together"
    if lookup.by and not (lookup.code or lookup.prefix or (lookup.call and lookup.name)):
        yield "lookup.by needs lookup.call and lookup.name, a prefix, or code = true"


def incomplete(kinds: Iterable[str]) -> dict[str, str]:
    """Types that somebody must decide about → what to do, as a sentence that names the file and the keys."""
    found = {}
    for kind in sorted(set(kinds)):
        known = row(kind)
        if known is None:
            found[kind] = f"{SHOWN} has no row for it; run `wealist types add {kind}` and complete the row"
        elif known.undecided:
            keys = ", ".join(known.undecided)
            found[kind] = f"decide {keys} of [{kind}] in {SHOWN}, and take them out of `undecided`"
    return found


def refuse_contradictions() -> None:
    """Hold the rows against the provider.

    Raises:
        TypesError: They contradict it. Names every contradiction.
    """
    if problems := problems_with_provider(rows()):
        raise TypesError(problems)


def problems_with_provider(found: Mapping[str, Type]) -> list[str]:
    """Where rows contradict the provider: types and arguments that it does not have, sensitive ones left out."""
    return [f"{SHOWN}: [{kind}] {each}" for kind, row in found.items() for each in _contradicting(kind, row)]


def _contradicting(kind: str, row: Type) -> Iterator[str]:
    if not kind.removeprefix("data.").startswith(_AWS):
        return
    known = provider.arguments(kind)
    if known is None:
        yield "is no type of the provider"
        return
    for column, path in paths(row):
        if not _exists(path, known) and not (column == "secrets" and path in provider.attributes(kind)):
            near = get_close_matches(path, known, n=1)
            yield f"{column} names {path}, which is no argument" + (f"; did you mean {near[0]!r}?" if near else "")
    for path in provider.sensitive().get(kind, ()):
        if path not in row.secrets:
            yield f"secrets lacks {path}, which the provider marks as sensitive"


def paths(row: Type) -> Iterator[tuple[str, str]]:
    """Every path of an argument in a row, with the column that names it."""
    for column in ("data_if", "weaker", "losses", "network", "policies", "roles", "interrupts", "changes", "refused"):
        yield from ((column, path) for path in getattr(row, column) or ())
    for column in ("tls", "secrets"):
        yield from ((column, path) for path in getattr(row, column))
    for column in ("protect", "exposes"):
        yield from ((column, each.path) for each in getattr(row, column))
    yield from (("ignores", path) for path in row.ignores if path != "all")
    if row.windowed:
        yield "windowed", row.windowed
    if row.lookup and row.lookup.by:
        yield from (("lookup.by", path) for path in row.lookup.by.split(":"))


def _exists(path: str, known: Mapping[str, provider.Argument]) -> bool:
    """Whether a path leads to an argument, or to a key of one that holds a map: `tags.Name`."""
    whole = path.partition("[")[0]
    parent = whole.rpartition(".")[0]
    return whole in known or (parent in known and not known[parent].block)
