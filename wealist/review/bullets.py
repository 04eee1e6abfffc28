"""Findings as a reader takes them in: one by one while they are few, and a flood of one type as one sentence.

300 alarms that are replaced → `300 × aws_cloudwatch_metric_alarm is replaced: a, b, c and 297 more`
a loss of data → listed alone, of however many
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

from wealist.review.finding import Code, Finding, Kind, Severity, Words
from wealist.review.verdict import Review

KNOWN_LOSSES: Final = 50
"""Losses of data that are listed one by one."""
ALIKE: Final[Mapping[Severity, int]] = {Severity.DANGER: 12, Severity.CAUTION: 3, Severity.NOTE: 3}
"""Findings that say the same of resources of one type, and are still listed one by one."""
NAMED: Final = 3
"""Resources that the sentence about a flood names."""
_VARIABLE: Final = "…"
_LIST: Final = re.compile(rf"{_VARIABLE}(?:(?:, | and )(?:{_VARIABLE}|\d+ more))+")


@dataclass(frozen=True, slots=True)
class Bullet:
    """One sentence about a finding, or about many of the same kind and type.

    Attributes:
        findings: At least one, the worst first.
        type: Their resources' type; empty of what is no resource.
        number: How many findings stand under its heading.
        is_first: Whether it is the first under its heading.
    """

    findings: tuple[Finding, ...]
    type: str
    number: int
    is_first: bool

    @property
    def worst(self) -> Finding:
        """The finding that decides about its place."""
        return self.findings[0]

    @property
    def is_loss(self) -> bool:
        """Whether it is about one loss of data."""
        return len(self.findings) == 1 and _is_loss(self.worst)

    @property
    def words(self) -> Words:
        """The whole sentence, with what it is about."""
        first = self.worst
        if len(self.findings) == 1:
            deposed: Words = (" (deposed object ", Code(first.deposed), ")") if first.deposed else ()
            return (Code(first.address), *deposed, " ", *first.words)
        what: Words = (Code(self.type),) if self.type else ("of these",)
        same = all(each.words == first.words for each in self.findings)
        return (f"{len(self.findings)} × ", *what, " ", *(first.words if same else (pattern(first),)), *self._named())

    def _named(self) -> Iterator[str]:
        names = list(dict.fromkeys(each.address for each in self.findings))
        yield ": "
        for place, name in enumerate(names[:NAMED]):
            yield from (", ", Code(name)) if place else (Code(name),)
        if more := len(names) - NAMED:
            yield f" and {more} more"


def bullets(review: Review) -> list[Bullet]:
    """All findings of a review, the worst first, those under one heading together."""
    types = {change.address: change.type for change in review.plan.changes}
    losses = set(map(id, islice(filter(_is_loss, review.findings), KNOWN_LOSSES)))
    found = []
    for _, group in groupby(review.findings, lambda each: (each.severity, each.heading)):
        findings = list(group)
        for place, members in enumerate(_gathered(findings, types, losses)):
            kind = types.get(members[0].address, "")
            found.append(Bullet(tuple(members), kind, len(findings), is_first=not place))
    return found


def pattern(finding: Finding) -> str:
    """A sentence with dots for what comes from the plan: equal for findings that say the same."""
    return _LIST.sub(_VARIABLE, "".join(_VARIABLE if isinstance(word, Code) else word for word in finding.words))


def _gathered(findings: list[Finding], types: Mapping[str, str], alone: Set[int]) -> list[list[Finding]]:
    """Findings one by one, and floods together, each at the place of its worst.

    Args:
        findings: Those under one heading.
        types: Address → type.
        alone: The `id` of each finding that belongs to no flood.
    """
    keys = [(types.get(each.address, ""), pattern(each)) for each in findings]
    number = Counter(key for key, each in zip(keys, findings, strict=True) if id(each) not in alone)
    floods: dict[tuple[str, str], list[Finding]] = {}
    gathered: list[list[Finding]] = []
    for key, each in zip(keys, findings, strict=True):
        if id(each) in alone or number[key] <= ALIKE[each.severity]:
            gathered.append([each])
        elif key in floods:
            floods[key].append(each)
        else:
            gathered.append(floods.setdefault(key, [each]))
    return gathered


def _is_loss(finding: Finding) -> bool:
    return finding.severity is Severity.DANGER and finding.kind is Kind.STATEFUL
