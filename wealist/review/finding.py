"""What a reviewer must know of a change, and how bad it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from wealist.model.plan_values import Value
from wealist.review.difference import Line, one_line


class Severity(IntEnum):
    """How much attention something needs."""

    NOTE = 1
    CAUTION = 2
    DANGER = 3


class Kind(Enum):
    """What a finding is about; within a severity, findings are listed in this order."""

    STATEFUL = "Stateful resources"
    """A loss of data: the gate `stateful` stops it."""
    STATE = "State"
    EXPOSURE = "Exposure"
    IAM = "Permissions"
    UNDECIDED = "Unknown types"
    """May be a loss of data: the gate `stateful` stops it as well."""
    TLS = "TLS and certificates"
    RULE = "Rules"
    PROTECTION = "Protection"
    DOWNTIME = "Downtime"
    ACTION = "Actions"
    CHECK = "Checks"
    REFUSED = "Refused by AWS"
    REPLACED = "Replaced"
    DESTROYED = "Destroyed"
    FORGOTTEN = "Forgotten"
    USER_DATA = "User data"


FINAL: Final = "Data without a way back"
"""The heading of final losses, before that of the other ones."""
_PLACES: Final = {kind: place for place, kind in enumerate(Kind)}


class Code(str):
    """A word that comes from the plan: shown as it is, and never as markup."""

    __slots__ = ()


Key = tuple[str, str | None]
"""What identifies an object: its address, and the key of a deposed one."""
Rank = tuple[int, int, int, str, str]
Words = tuple[str, ...]
"""A sentence. What comes from the plan is `Code`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about one change.

    Attributes:
        address: of the change, or of a check.
        words: what it is, as the rest of a sentence that begins with the address.
        lines: what shows it.
        path: the argument that it judges: of several kinds of findings about one, only the worst is kept.
        weight: of a loss of data: 0 where a snapshot, window or version brings it back, 1 where nothing does, 2 where
            the type has settings against it as well. So a database stands before logs.
        deposed: the key of the deposed object that it is about; None of the resource itself. `risks.findings` sets it.
    """

    severity: Severity
    kind: Kind
    address: str
    words: Words
    lines: tuple[Line, ...] = ()
    path: str = ""
    weight: int = 0
    deposed: str | None = None

    @property
    def key(self) -> Key:
        """The object that it is about."""
        return self.address, self.deposed

    @property
    def heading(self) -> str:
        """What it is listed under."""
        return FINAL if self.weight else self.kind.value

    @property
    def rank(self) -> Rank:
        """Sorts the worst first."""
        return (-self.severity, _PLACES[self.kind], -self.weight, self.address, self.deposed or "")


def group_by_object(findings: Iterable[Finding]) -> dict[Key, list[Finding]]:
    """Object → the findings about it, in their order."""
    found: dict[Key, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.key, []).append(finding)
    return found


def object_rank(found: Sequence[Finding]) -> tuple[bool, Rank]:
    """Sorts objects by the worst finding about each, and those without one last.

    Args:
        found: The findings about one object, the worst first.
    """
    return (False, found[0].rank) if found else (True, (0, 0, 0, "", ""))


def worst_per_argument(found: list[Finding]) -> list[Finding]:
    """The findings about one change; of several kinds about one argument, the worst, and what a policy grants."""
    worst: dict[str, Finding] = {}
    for each in sorted(found, key=lambda finding: finding.rank):
        worst.setdefault(each.path, each)
    return [each for each in found if not each.path or each.kind in {worst[each.path].kind, Kind.IAM}]


def code(value: Value) -> Code:
    """A value as a word of a sentence: a string without its quotes."""
    return Code(value if isinstance(value, str) else one_line(value))


LISTED: Final = 8
"""Names that a sentence holds; of more it says how many."""


def join_names(names: list[str]) -> Words:
    """`a`, `b` and `c`; of a long list its beginning, "and 12 more"."""
    shown_names: list[str] = [Code(name) for name in names[:LISTED]]
    if len(names) > LISTED:
        shown_names.append(f"{len(names) - LISTED} more")
    words: list[str] = []
    for index, name in enumerate(shown_names):
        words += [", " if index < len(shown_names) - 1 else " and "] if index else []
        words.append(name)
    return tuple(words)
