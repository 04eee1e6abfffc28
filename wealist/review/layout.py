"""Findings as a reader takes them in: one by one while they are few, and a flood of one type as one sentence.

300 alarms that are replaced → `300 x aws_cloudwatch_metric_alarm is replaced: a, b, c and 297 more`
a loss of data → listed alone, of however many
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, groupby, islice
from typing import Final, TypeVar

from wealist.review.finding import Code, Finding, Kind, Severity, Words
from wealist.review.values import truncate
from wealist.review.verdict import Review

KNOWN_LOSSES: Final = 50
"""Losses of data that are listed one by one."""
ALIKE: Final[Mapping[Severity, int]] = {Severity.DANGER: 12, Severity.CAUTION: 3, Severity.NOTE: 3}
"""Findings that say the same of resources of one type, and are still listed one by one."""
Text = TypeVar("Text")
NAMED: Final = 3
"""Resources that the sentence about a flood names."""
WORD: Final = 80
"""Characters of a name or value in a short sentence."""
MISSES: Final = 200
"""Sentences that are tried and do not fit, before the rest is left out untried."""
_VARIABLE: Final = "…"
_LIST: Final = re.compile(rf"{_VARIABLE}(?:(?:, | and )(?:{_VARIABLE}|\d+ more))+")


@dataclass(frozen=True, slots=True)
class Bullet:
    """One sentence about a finding, or about many of the same kind and type.

    Attributes:
        findings: At least one, the worst first.
        type: Their resources' type; empty of what is no resource.
        is_first: Whether it is the first under its heading.
    """

    findings: tuple[Finding, ...]
    type: str
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
        return (
            f"{len(self.findings)} \N{MULTIPLICATION SIGN} ",
            *what,
            " ",
            *(first.words if same else (sentence_pattern(first),)),
            *self._named(),
        )

    def _named(self) -> Iterator[str]:
        names = list(dict.fromkeys(each.address for each in self.findings))
        yield ": "
        for place, name in enumerate(names[:NAMED]):
            yield from (", ", Code(name)) if place else (Code(name),)
        if more := len(names) - NAMED:
            yield f" and {more} more"


def group_findings(review: Review) -> tuple[list[Bullet], list[Bullet]]:
    """Risks and notes, the worst first, those under one heading together."""
    types = {change.address: change.type for change in review.plan.changes}
    losses = set(map(id, islice(filter(_is_loss, review.findings), KNOWN_LOSSES)))
    risks: list[Bullet] = []
    notes: list[Bullet] = []
    for (severity, _), group in groupby(review.findings, lambda each: (each.severity, each.heading)):
        for place, members in enumerate(_gathered(list(group), types, losses)):
            bullet = Bullet(tuple(members), types.get(members[0].address, ""), is_first=not place)
            (risks if severity > Severity.NOTE else notes).append(bullet)
    return risks, notes


def fit_bullets(
    risks: Sequence[Bullet], room: int, render: Callable[..., Text], size: Callable[[Text], int]
) -> tuple[list[Text], int]:
    """Write as many risks as there is room for.

    The first sentence under each heading and the known losses of data come before all else, without their lines; then,
    the worst first, whatever fits.

    Args:
        risks: All of them, the worst first.
        room: What they may take together.
        render: Writes one, with its heading where it is the first under it; with `is_short=True` without the lines that
            show it, and with names cut.
        size: What it takes.

    Returns:
        What is written, in the order of `risks`; and the number of findings that have no room.
    """
    written: dict[int, Text] = {}
    headings: set[tuple[Severity, str]] = set()
    first = [place for place, each in enumerate(risks) if each.is_first]
    losses = [place for place, each in enumerate(risks) if each.is_loss and not each.is_first]
    misses = 0
    short = len(first) + len(losses)
    for number, place in enumerate(chain(first, losses, range(len(risks)))):
        bullet = risks[place]
        heading = bullet.worst.severity, bullet.worst.heading
        if not bullet.is_first and heading not in headings:
            continue
        text = render(bullet, is_short=number < short)
        more = size(text) - (size(written[place]) if place in written else -1)
        if more <= room:
            room -= more
            written[place] = text
            headings.add(heading)
        elif (misses := misses + 1) > MISSES:
            break
    left = sum(len(each.findings) for place, each in enumerate(risks) if place not in written)
    return [written[place] for place in sorted(written)], left


def shorten(words: Words) -> Words:
    """A sentence whose names and values are cut."""
    return tuple(Code(truncate(word, WORD)) if isinstance(word, Code) else word for word in words)


def sentence_pattern(finding: Finding) -> str:
    """A sentence with dots for what comes from the plan: equal for findings that say the same."""
    return _LIST.sub(_VARIABLE, "".join(_VARIABLE if isinstance(word, Code) else word for word in finding.words))


def _gathered(findings: list[Finding], types: Mapping[str, str], alone: AbstractSet[int]) -> list[list[Finding]]:
    """Findings one by one, and floods together, each at the place of its worst.

    Args:
        findings: Those under one heading.
        types: Address → type.
        alone: The `id` of each finding that belongs to no flood.
    """
    keys = [(types.get(each.address, ""), sentence_pattern(each)) for each in findings]
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


LIMIT: Final = 65_536


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a comment that is left out as a whole, or not at all.

    Attributes:
        group: What it is listed under; several sections have the same.
        kind: What it is counted as where it is left out: `to create`.
        text: Writes it; called only where there is room.
    """

    group: str
    kind: str
    text: Callable[[], str]


def byte_size(text: str) -> int:
    """Bytes, as the limit is counted here."""
    return len(text.encode())


def fit_sections(sections: Iterable[Section], budget: int) -> tuple[dict[str, list[str]], list[Section]]:
    """As many sections as fit, and those that are left out.

    A long section keeps no shorter one of its group out; but whatever comes after that group matters less, and is left
    out with it.

    Args:
        sections: The most important first.
        budget: Bytes that they may take together.

    Returns:
        The texts of each group, in order; and the sections that are left out.
    """
    groups: dict[str, list[str]] = {}
    left: list[Section] = []
    for section in sections:
        if left and (section.group != left[0].group or len(left) >= MISSES):
            left.append(section)
        elif byte_size(text := section.text()) < budget:
            budget -= byte_size(text) + 1
            groups.setdefault(section.group, []).append(text)
        else:
            left.append(section)
    return groups, left
