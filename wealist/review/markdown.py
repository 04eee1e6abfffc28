"""A review as a comment of a pull request.

marker, headline, counts, gates │ risks, the worst first │ acknowledgements, notes │ what changes, by action │ footer

Above the folds stand the gates in a few lines and each kind of risk with at least one sentence, whatever the number of
findings; what has no room is counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import Final

from wealist.review.attributes import attribute_lines
from wealist.review.bullets import Bullet, bullets
from wealist.review.changes import Action, Change
from wealist.review.difference import Line
from wealist.review.finding import Code, Finding, Kind, Severity, Words
from wealist.review.gates import LOSSES, Stop, short
from wealist.review.text import block, counted, cut, sentence, span, tag, unjudged_words, visible
from wealist.review.truncation import LIMIT, Section, fitted, size
from wealist.review.verdict import ACTIONS, Review

SIGNS: Final = {None: "⚪", Severity.NOTE: "🟢", Severity.CAUTION: "🟡", Severity.DANGER: "🔴"}
NEUTRAL: Final = "🔵"
"""Sign of a plan without a known risk that cannot be judged in full."""
GROUPS: Final = {
    Action.DESTROY: "to destroy",
    Action.REPLACE: "to replace",
    Action.FORGET: "to forget",
    Action.UPDATE: "to update",
    Action.CREATE: "to create",
    Action.NONE: "to import or move only",
}
STOPS: Final = "acknowledgements"
NOTES: Final = "notes"
OUTPUTS: Final = "outputs"
DRIFT: Final = "drift"

STOPS_SHOWN: Final = 5
"""Lines to acknowledge by, above the risks; all that fit are in a fold."""
STOPS_FOLDED: Final = 50
WORD: Final = 80
"""Characters of a name or value in a sentence that must have room."""
MISSES: Final = 200
"""Sentences that are tried and do not fit, before the rest is left out untried."""
ITEMIZED: Final = 20
"""Of more resources that are created or destroyed, only those with a risk are shown with their attributes."""
BULLETS_OF_A_KIND: Final = 12
"""Cautions and notes under one heading; the others are in the folds."""
LINES_OF_A_RISK: Final = 12
LINES_OF_A_FOLD: Final = 200
BYTES_OF_A_FOLD: Final = 8_000
RESERVE: Final = 2_500
"""Bytes for the headings of sections, and for the counts of what was left out."""


def marker(stack: str) -> str:
    """What a stack's comment begins with, so that the next review finds and replaces it."""
    return f"<!-- wealist-plan-review:{stack} -->"


def comment(review: Review, *, artifact_url: str | None) -> str:
    """The whole comment.

    Args:
        review: What the comment shows.
        artifact_url: where the review lies without anything left out.
    """
    head = "\n".join([*_head(review), *_gates(review)])
    foot = f"\n[The whole review](<{artifact_url}>)\n" if artifact_url else ""
    room = LIMIT - RESERVE - size(head) - size(foot)
    found = bullets(review)
    risks, left_risks = _risks([each for each in found if each.worst.severity > Severity.NOTE], review, room)
    room -= sum(size(text) + 1 for text in risks)
    notes = [each for each in found if each.worst.severity is Severity.NOTE]
    groups, left = fitted(_sections(review, notes), room if not left_risks else 0)
    body = "\n".join([*risks, *_body(review, groups)])
    left_out = _left_out({"risks": left_risks} | Counter(section.kind for section in left))
    return "\n".join(part for part in (head, body, left_out, foot) if part).rstrip() + "\n"


def refusal(stack: str, message: str, remedy: str) -> str:
    """The comment on a plan that cannot be reviewed; it takes the place of an older review, which no longer holds."""
    return f"{marker(stack)}\n## ⛔ {stack}: the plan cannot be reviewed\n\n{span(message)}\n\n{span(remedy)}\n"


def _head(review: Review) -> Iterator[str]:
    yield marker(review.stack)
    yield f"## {NEUTRAL if review.is_neutral else SIGNS[review.severity]} {review.stack}: {review.verdict}\n"
    counts = [f"**{number}** to {name}" for name, number in review.plan.counts.items() if number]
    outputs = [counted(len(review.plan.outputs), "output")] if review.plan.outputs else []
    summary = ", ".join([*counts, *outputs]) or ("Nothing to do" if review.plan.is_empty else "No resource changes")
    yield f"{summary} · account {span(review.account)}\n"
    for words in unjudged_words(review.unjudged, review.plan.unread):
        yield f"**{sentence(words)}**\n"


def _gates(review: Review) -> Iterator[str]:
    """The worst of what is stopped, and what was acknowledged: 12 lines at most."""
    result = review.gate_result
    if result.stopped:
        shown = result.stopped[:STOPS_SHOWN]
        worst = f"; the worst {len(shown)}" if len(shown) < len(result.stopped) else ""
        number = counted(len(result.stopped), "change")
        yield f"**⛔ Stopped: {number}, each until acknowledged** by its line in the description, or by a label{worst}\n"
        yield f"{_lines_to_copy(shown)}\n"
    passed = _named("Acknowledged", [stop.name for stop in result.acknowledged])
    idle = _named("Acknowledged, but no gate stops it", result.idle)
    if passed or idle:
        yield f"{passed}{' · ' if passed and idle else ''}{idle}\n"


def _lines_to_copy(stops: Iterable[Stop]) -> str:
    lines = block([Line(" ", "Acknowledge", stop.name) for stop in stops])
    # The lines are to be copied: no sign before them.
    return lines.replace("diff\n", "text\n", 1).replace("\n  Acknowledge: ", "\nAcknowledge: ")


def _named(title: str, names: Sequence[str]) -> str:
    shown = ", ".join(map(span, names[:STOPS_SHOWN]))
    more = f" and {len(names) - STOPS_SHOWN} more" if len(names) > STOPS_SHOWN else ""
    return f"{title}: {shown}{more}" if names else ""


def _acknowledgements(stops: Sequence[Stop]) -> Iterator[str]:
    """Every way to acknowledge what is stopped."""
    shown = stops[:STOPS_FOLDED]
    if len(stops) > STOPS_SHOWN:
        yield f"Lines for the description\n\n{_lines_to_copy(shown)}\n"
    yield "Labels\n"
    yield from (f"- `Acknowledge: {short(stop.name)}` for {span(stop.name)}" for stop in shown)
    if more := len(stops) - len(shown):
        yield f"\nand {more} more, in the whole review"


def _risks(found: list[Bullet], review: Review, room: int) -> tuple[list[str], int]:
    """What stands above the folds, and the number of risks that have no room.

    The first sentence under each heading and the known losses of data come before all else, without their lines; then,
    the worst first, whatever fits.
    """
    shown: dict[int, str] = {}
    needed = [place for place, each in enumerate(found) if each.is_first or each.is_loss]
    misses = 0
    for place, is_short in [*((place, True) for place in needed), *((place, False) for place in range(len(found)))]:
        text = _bullet(found[place], review, is_short=is_short)
        more = size(text) - size(shown.get(place, ""))
        if more < room:
            room -= more + 1
            shown[place] = text
        elif (misses := misses + 1) > MISSES:
            break
    left = sum(len(each.findings) for place, each in enumerate(found) if place not in shown)
    return [shown[place] for place in sorted(shown)], left


def _fold(change: Change, review: Review) -> str:
    """A resource's attributes, folded. What a risk had no room for comes first."""
    lines: list[Line] = []
    for finding in review.of_address.get(change.address, []):
        if len(finding.lines) > LINES_OF_A_RISK and finding.kind is not Kind.USER_DATA:
            lines += [Line("~", "", finding.kind.value.lower()), *finding.lines]
    lines += attribute_lines(change)
    return f"<details><summary>{_title(change)}</summary>\n\n{_limited(lines)}\n\n</details>"


def _title(change: Change) -> str:
    parts = [tag(change.address)]
    parts += [f"moved from {tag(change.moved_from)}"] if change.moved_from else []
    parts += [f"deposed object {tag(change.deposed)}"] if change.deposed else []
    parts += [f"imported by the id {tag(change.imported)}"] if change.imported else []
    parts += [str(change.order)] if change.order else []
    return ", ".join(parts)


def _limited(lines: list[Line]) -> str:
    if not lines:
        return "No attribute that is shown changes."
    kept: list[Line] = []
    used = 0
    for line in lines[:LINES_OF_A_FOLD]:
        used += size(block([line]))
        if used > BYTES_OF_A_FOLD and kept:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    return block(kept) + (f"\n\nand {more} more lines" if more else "")


def _body(review: Review, groups: dict[str, list[str]]) -> Iterator[str]:
    yield from groups.get(RISKS, [])
    if notes := groups.get(NOTES):
        number = sum(finding.severity is Severity.NOTE for finding in review.findings)
        yield _section(counted(number, "note"), notes)
    for action in ACTIONS:
        if folds := groups.get(action):
            number = sum(change.action is action for change in review.plan.changes)
            yield _section(f"{number} {GROUPS[action]}", folds)
    if outputs := groups.get(OUTPUTS):
        yield _section(counted(len(review.plan.outputs), "output"), outputs)
    if drift := groups.get(DRIFT):
        yield _section(f"{len(review.plan.drift)} changed outside of Terraform", drift)
    if review.plan.unrelated_drift:
        other = counted(review.plan.unrelated_drift, "resource")
        yield f"\nIn AWS, {other} changed in ways that nothing in this plan depends on."


def _section(title: str, texts: list[str]) -> str:
    return "\n".join([f"\n<details><summary><b>{title}</b></summary>\n", *filter(None, texts), "\n</details>"])


def _left_out(left: list[Section]) -> str:
    if not left:
        return ""
    counts = Counter(section.kind for section in left)
    summary = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    return f"\n**Left out, for a comment has {LIMIT} characters at most: {summary}.**"
