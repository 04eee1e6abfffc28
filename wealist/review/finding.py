"""Findings about a plan: severity, kind, sentence and evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from wealist.model.values import Value
from wealist.review.difference import Line, one_line


class Severity(IntEnum):
    """How much attention a finding needs."""

    NOTE = 1
    CAUTION = 2
    DANGER = 3


class Kind(Enum):
    """The subject of a finding. Findings of the same severity are listed in this order."""

    STATEFUL = "Stateful resources"
    """A loss of data; stopped by the gate `stateful`."""
    STATE = "State"
    EXPOSURE = "Exposure"
    IAM = "Permissions"
    UNDECIDED = "Unknown types"
    """A possible loss of data; stopped by the gate `stateful` as well."""
    TLS = "TLS and certificates"
    RULE = "Rules"
    PROTECTION = "Protection"
    DOWNTIME = "Downtime"
    ACTION = "Actions"
    CHECK = "Checks"
    REFUSED = "Rejected by AWS"
    REPLACED = "Replaced"
    DESTROYED = "Destroyed"
    FORGOTTEN = "Forgotten"
    USER_DATA = "User data"


FINAL: Final = "Permanent data loss"
"""Heading of losses that no backup restores; listed before other losses."""
_PLACES: Final = {kind: place for place, kind in enumerate(Kind)}


class Code(str):
    """A word from the plan. It is rendered as code, never interpreted as markup."""

    __slots__ = ()


Key = tuple[str, str | None]
"""Identity of an object: its address, and the key of a deposed object."""
Rank = tuple[int, int, int, str, str]
Words = tuple[str, ...]
"""A sentence; words from the plan are `Code`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about a change.

    Attributes:
        address: Address of the resource or check.
        words: The rest of a sentence that begins with the address.
        lines: Lines of the difference that show the problem.
        path: Argument that it is about. Of several kinds of findings about one argument, only the worst kind is kept.
        weight: Rank of a loss of data: 0 if a snapshot or version restores it, 1 if nothing does, 2 if the type also
            has settings against it. This puts a database before logs.
        deposed: Key of the deposed object; None for the resource itself. Set by `risks.findings`.
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
        """The identity of the object."""
        return self.address, self.deposed

    @property
    def heading(self) -> str:
        """The heading under which the finding is listed."""
        return FINAL if self.weight else self.kind.value

    @property
    def rank(self) -> Rank:
        """The sort key: the worst first."""
        return (-self.severity, _PLACES[self.kind], -self.weight, self.address, self.deposed or "")


def group_by_object(findings: Iterable[Finding]) -> dict[Key, list[Finding]]:
    """Return object → its findings, in the given order."""
    found: dict[Key, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.key, []).append(finding)
    return found


def object_rank(found: Sequence[Finding]) -> tuple[bool, Rank]:
    """Return the sort key of an object: its worst finding; objects without findings come last.

    Args:
        found: The findings about the object, the worst first.
    """
    return (False, found[0].rank) if found else (True, (0, 0, 0, "", ""))


def worst_per_argument(found: list[Finding]) -> list[Finding]:
    """Return the findings about one change. For each argument, keep the worst kind and what a policy grants."""
    worst: dict[str, Finding] = {}
    for each in sorted(found, key=lambda finding: finding.rank):
        worst.setdefault(each.path, each)
    return [each for each in found if not each.path or each.kind in {worst[each.path].kind, Kind.IAM}]


def code(value: Value) -> Code:
    """Return a value as a word of a sentence; a string has no quotes."""
    return Code(value if isinstance(value, str) else one_line(value))


LISTED: Final = 8
"""Maximum number of names in a sentence; the others are counted."""


def join_names(names: list[str]) -> Words:
    """Return "`a`, `b` and `c`"; a long list ends with "and 12 more"."""
    shown_names: list[str] = [Code(name) for name in names[:LISTED]]
    if len(names) > LISTED:
        shown_names.append(f"{len(names) - LISTED} more")
    words: list[str] = []
    for index, name in enumerate(shown_names):
        words += [", " if index < len(shown_names) - 1 else " and "] if index else []
        words.append(name)
    return tuple(words)
