"""Group findings into bullets, and fit bullets and sections into limited room.

300 replaced alarms → one bullet: `300 x aws_cloudwatch_metric_alarm is replaced: a, b, c and 297 more`
losses of data → one bullet each, up to `KNOWN_LOSSES`

GitHub rejects a body of more than 65,536 characters. It counts code points, bytes or four times the code points,
depending on the place. The number of UTF-8 bytes is never lower than any of them, so the limit here is in bytes.
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
"""Maximum number of losses of data that are listed one by one."""
ALIKE: Final[Mapping[Severity, int]] = {Severity.DANGER: 12, Severity.CAUTION: 3, Severity.NOTE: 3}
"""Maximum number of findings with the same sentence and resource type that are listed one by one."""
Text = TypeVar("Text")
NAMED: Final = 3
"""Resources that a sentence about many findings names."""
WORD: Final = 80
"""Maximum characters of a name or value in a short sentence."""
MISSES: Final = 200
"""Bullets or sections that do not fit, after which the rest is left out untried."""
LIMIT: Final = 65_536
"""Bytes of a comment."""
_VARIABLE: Final = "…"
_LIST: Final = re.compile(rf"{_VARIABLE}(?:(?:, | and )(?:{_VARIABLE}|\d+ more))+")


@dataclass(frozen=True, slots=True)
class Bullet:
    """One sentence about a finding, or about many with the same sentence and resource type.

    Attributes:
        findings: At least one, the worst first.
        type: Type of the resources; empty if they are no resources.
        is_first: Whether the heading stands above this bullet.
    """

    findings: tuple[Finding, ...]
    type: str
    is_first: bool

    @property
    def worst(self) -> Finding:
        """The worst finding."""
        return self.findings[0]

    @property
    def is_loss(self) -> bool:
        """Whether it is about a single loss of data."""
        return len(self.findings) == 1 and _is_loss(self.worst)

    @property
    def words(self) -> Words:
        """The whole sentence, beginning with the resources."""
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
    """Return the bullets of risks and those of notes, the worst first, grouped by heading."""
    types = {change.address: change.type for change in review.plan.changes}
    losses = set(map(id, islice(filter(_is_loss, review.findings), KNOWN_LOSSES)))
    risks: list[Bullet] = []
    notes: list[Bullet] = []
    for (severity, _), group in groupby(review.findings, lambda each: (each.severity, each.heading)):
        for place, members in enumerate(_merged(list(group), types, losses)):
            bullet = Bullet(tuple(members), types.get(members[0].address, ""), is_first=not place)
            (risks if severity > Severity.NOTE else notes).append(bullet)
    return risks, notes


def fit_bullets(
    risks: Sequence[Bullet], room: int, render: Callable[..., Text], size: Callable[[Text], int]
) -> tuple[list[Text], int]:
    """Render as many risks as fit.

    The first bullet of each heading and the known losses come first, in their short form. Then the worst risks follow
    in full, as long as they fit.

    Args:
        risks: All risks, the worst first.
        room: The size that is available.
        render: Renders a bullet, with its heading if it is the first; `is_short=True` selects the short form.
        size: Measures a rendered bullet.

    Returns:
        The rendered bullets in the order of `risks`, and the number of findings that do not fit.
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
    """Return a sentence with truncated names and values."""
    return tuple(Code(truncate(word, WORD)) if isinstance(word, Code) else word for word in words)


def sentence_pattern(finding: Finding) -> str:
    """Return a sentence with `…` for each word from the plan. Findings with the same pattern can be merged."""
    return _LIST.sub(_VARIABLE, "".join(_VARIABLE if isinstance(word, Code) else word for word in finding.words))


def _merged(findings: list[Finding], types: Mapping[str, str], alone: AbstractSet[int]) -> list[list[Finding]]:
    """Group findings that say the same if there are more than `ALIKE`, at the position of the worst one.

    Args:
        findings: All findings under one heading.
        types: Address → type.
        alone: `id` of each finding that is never merged.
    """
    keys = [(types.get(each.address, ""), sentence_pattern(each)) for each in findings]
    number = Counter(key for key, each in zip(keys, findings, strict=True) if id(each) not in alone)
    merged: dict[tuple[str, str], list[Finding]] = {}
    groups: list[list[Finding]] = []
    for key, each in zip(keys, findings, strict=True):
        if id(each) in alone or number[key] <= ALIKE[each.severity]:
            groups.append([each])
        elif key in merged:
            merged[key].append(each)
        else:
            groups.append(merged.setdefault(key, [each]))
    return groups


def _is_loss(finding: Finding) -> bool:
    return finding.severity is Severity.DANGER and finding.kind is Kind.STATEFUL


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a comment that is shown as a whole or left out.

    Attributes:
        group: Key of the fold that it belongs to.
        kind: Noun under which it is counted if it is left out: `to create`.
        text: Renders it; called only while there is room.
    """

    group: str
    kind: str
    text: Callable[[], str]


def byte_size(text: str) -> int:
    """Return the size of a text in bytes of UTF-8."""
    return len(text.encode())


def fit_sections(sections: Iterable[Section], budget: int) -> tuple[dict[str, list[str]], list[Section]]:
    """Render as many sections as fit.

    If a section does not fit, shorter ones of its group may; all sections of later groups are left out.

    Args:
        sections: All sections, the most important first.
        budget: Bytes that are available.

    Returns:
        Group → rendered sections, in order; and the sections that are left out.
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
