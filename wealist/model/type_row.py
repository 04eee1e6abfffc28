"""The columns of types.toml as models. The head of that file describes every column.

row("aws_sqs_queue") ─┬─ data_of(values)            the data that is lost with a resource
                      ├─ actions("create", "read")  the IAM actions that Terraform needs
                      └─ weaker_settings, networked, …
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictBool, StrictInt

ANY: Final = "*"
"""The value in a row that matches any value."""
_AWS: Final = "aws_"

Phase = Literal["create", "read", "update", "delete"]
Worsening = Literal["off", "on", "fewer", "shorter", "removed", "optional", "older", "written"]
NetworkPart = Literal["vpc", "subnet", "group", "range", "way", "public", "rule", "none"]
PolicyKind = Literal["identity", "trust", "resource", "attachment", "principal", "unread", "none"]
PHASES: Final[tuple[Phase, ...]] = get_args(Phase)


class _Columns(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Protection(_Columns):
    """An argument that protects the data of a resource, and the value that it must have."""

    path: str
    value: StrictBool | StrictInt | Literal["*"]
    default: StrictBool = False
    remedy: str | None = None
    unsaved: str | None = None

    def is_met(self, value: object) -> bool:
        """Return whether the argument has the required value. Pass None for an argument that is not set."""
        if value is None:
            return self.default
        if self.value == ANY:
            return isinstance(value, str) and bool(value)
        return type(value) is type(self.value) and value == self.value

    @property
    def advice(self) -> str:
        """Return the remedy for a wrong value."""
        return self.remedy or f"set it to {str(self.value).lower()}"

    @property
    def worsening(self) -> Worsening:
        """Return the kind of change with which the argument protects less."""
        if isinstance(self.value, bool):
            return "off" if self.value else "on"
        return "removed" if self.value == ANY else "fewer"


class Effect(_Columns):
    """The severity of an effect, and a predicate that describes it, such as "allows anyone to read the bucket"."""

    danger: str | None = None
    caution: str | None = None


class Exposure(Effect):
    """Values of an argument that expose a resource to other accounts or to the internet."""

    path: str
    values: tuple[StrictBool | StrictInt | str, ...]


class Weaker(_Columns):
    """The kind of change with which an argument protects less. `danger` describes further consequences."""

    how: Worsening
    danger: str | None = None


class Loss(_Columns):
    """The kind of change with which an update destroys data, and a clause that describes the data."""

    how: Worsening
    what: str


class Passed(_Columns):
    """The service or resource type to which an argument passes a role; `none` if no service assumes it."""

    to: str
    by: tuple[str, ...] = ("arn",)
    required: StrictBool = False


class Lookup(_Columns):
    """How to find objects of a type in AWS, and how to import them."""

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

    def contradictions(self) -> Iterator[str]:
        """Yield the combinations of keys that are not allowed."""
        if self.call and not (self.items and "." in self.call):
            yield "lookup.call must be service.operation, and needs lookup.items"
        if self.form and (self.by or self.prefix or self.code):
            yield "lookup.form is only for types that are not looked up; remove lookup.by, prefix and code"
        if bool(self.form) != bool(self.again):
            yield "lookup.form and lookup.again must be set together"
        if self.by and not (self.code or self.prefix or (self.call and self.name)):
            yield "lookup.by needs lookup.call and lookup.name, a prefix, or code = true"


def _table_with(key: str) -> BeforeValidator:
    """Allow a string in place of a table: it becomes the table's value at `key`."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


Words = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: tuple(value.split()) if isinstance(value, str) else value)
]
"""A string of words separated by spaces, parsed to a tuple."""


class Type(_Columns):
    """One row: the properties of one resource or data source type."""

    what: str
    undecided: tuple[str, ...] = ()
    data: str | Literal[False] | None = None
    data_if: Mapping[str, str] = {}
    protect: tuple[Protection, ...] = ()
    weaker: Mapping[str, Annotated[Weaker, _table_with("how")]] = {}
    losses: Mapping[str, Loss] = {}
    exposes: tuple[Exposure, ...] = ()
    created: Effect | None = None
    tls: tuple[str, ...] = ()
    network: Mapping[str, NetworkPart] | None = None
    policies: Mapping[str, PolicyKind] = {}
    roles: Mapping[str, Annotated[Passed, _table_with("to")]] = {}
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

    def data_of(self, values: Mapping[str, Any]) -> str | None:
        """Return a predicate that describes the data lost with a resource, such as "holds the services' data".

        Args:
            values: The resource's arguments, from a stack or a plan.

        Returns:
            None for a resource that an apply can recreate without loss.
        """
        if not self.data:
            return None
        if not self.data_if:
            return self.data
        conditions = ((values.get(path), wanted) for path, wanted in self.data_if.items())
        return self.data if any(value is not None and wanted in (value, ANY) for value, wanted in conditions) else None

    def actions(self, *phases: Phase) -> tuple[str, ...]:
        """Return the IAM actions that Terraform needs, as `service:Action`, without duplicates.

        Args:
            phases: `create`, `read`, `update`, `delete`. Defaults to all of them.
        """
        words = (word for phase in phases or PHASES for word in getattr(self, phase))
        return tuple(dict.fromkeys(map(self._action, words)))

    @property
    def write_actions(self) -> tuple[str, ...]:
        """Return the write actions that an apply needs; empty for a type with `by_hand`."""
        return () if self.by_hand else self.actions("create", "update", "delete")

    @property
    def unneeded_actions(self) -> tuple[str, ...]:
        """Return the dependent actions that AWS lists for features that are not used."""
        return tuple(map(self._action, self.unneeded))

    @property
    def networked(self) -> bool:
        """Return whether a resource is part of a network: it can open a connection, or be the target of one."""
        return self.network is not None and (not self.network or set(self.network.values()) != {"none"})

    @property
    def weaker_settings(self) -> Mapping[str, Weaker]:
        """Return the path of each protecting argument → the kind of change with which it protects less."""
        return {**{each.path: Weaker(how=each.worsening) for each in self.protect}, **self.weaker}

    def _action(self, word: str) -> str:
        return word if ":" in word else f"{self.service}:{word}"

    def contradictions(self, kind: str) -> Iterator[str]:
        """Yield a message about each duplicate, contradictory or missing column.

        Args:
            kind: The name of the type.
        """
        if unknown := [key for key in self.undecided if key not in Type.model_fields]:
            yield f"undecided lists unknown columns: {', '.join(unknown)}"
        if not self.what and "what" not in self.undecided:
            yield "what is empty: describe a resource in the terms of AWS's documentation"
        yield from self._contradictions_of_data()
        yield from self._contradictions_of_actions(kind)
        for path in self.interrupts.keys() & self.changes.keys():
            yield f"{path} is in interrupts and in changes"
        for each in (*self.exposes, *([self.created] if self.created else ())):
            if (each.danger is None) == (each.caution is None):
                yield "exposes and created need either danger or caution, not both"
        if self.lookup:
            yield from self.lookup.contradictions()

    def _contradictions_of_data(self) -> Iterator[str]:
        if self.data is None and "data" not in self.undecided:
            yield "data is missing: describe the data of a resource, or set false if an apply can recreate it"
        if self.data is False:
            yield from (f"{key} contradicts data = false" for key in ("data_if", "protect") if getattr(self, key))
        for path in sorted(self.weaker.keys() & {each.path for each in self.protect}):
            yield f"weaker repeats {path}, which is in protect"
        for path in sorted(self.losses.keys() & self.weaker_settings.keys()):
            yield f"losses repeats {path}, which is in weaker or protect"

    def _contradictions_of_actions(self, kind: str) -> Iterator[str]:
        if self.service is None and (words := [word for word in self.actions() if word.startswith("None:")]):
            yield f"service is missing: {words[0].removeprefix('None:')} has no prefix"
        if both := set(self.actions()) & set(self.unneeded_actions):
            yield f"unneeded lists actions that Terraform calls: {', '.join(sorted(both))}"
        if kind.startswith(_AWS) and not self.create and not self.by_hand and "create" not in self.undecided:
            yield "create is missing: list the API calls, or state in by_hand who creates the resource"

    def paths(self) -> Iterator[tuple[str, str]]:
        """Yield every argument path in the row, with the column that contains it."""
        for column in _MAPPINGS_BY_PATH:
            yield from ((column, path) for path in getattr(self, column) or ())
        for column in ("tls", "secrets"):
            yield from ((column, path) for path in getattr(self, column))
        for column in ("protect", "exposes"):
            yield from ((column, each.path) for each in getattr(self, column))
        yield from (("ignores", path) for path in self.ignores if path != "all")
        if self.windowed:
            yield "windowed", self.windowed
        if self.lookup and self.lookup.by:
            yield from (("lookup.by", path) for path in self.lookup.by.split(":"))


_MAPPINGS_BY_PATH: Final = (
    "data_if", "weaker", "losses", "network", "policies", "roles", "interrupts", "changes", "refused",
)  # fmt: skip
