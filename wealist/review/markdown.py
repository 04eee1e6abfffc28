"""A review as a comment on a pull request.

marker, headline, counts, gates │ risks, the worst first │ folds: acknowledgements, notes, changes by action │ footer

The part above the folds shows the gates in a few lines, and at least one sentence for each kind of risk. Whatever does
not fit into the comment is counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from wealist.review.changes import Action, Change, attribute_lines
from wealist.review.difference import Line
from wealist.review.finding import Code, Kind, Severity
from wealist.review.formatting import (
    change_title,
    code_span,
    code_tag,
    cost_words,
    count_by_section,
    count_noun,
    diff_block,
    markdown_sentence,
    unjudged_words,
)
from wealist.review.gates import LOSSES, Stop, short_form
from wealist.review.layout import LIMIT, Bullet, Section, byte_size, fit_bullets, fit_sections, group_findings, shorten
from wealist.review.verdict import ACTIONS, Review

SIGNS: Final = {None: "⚪", Severity.NOTE: "🟢", Severity.CAUTION: "🟡", Severity.DANGER: "🔴"}
NEUTRAL: Final = "🔵"
"""Sign of a plan without a known risk, of which a part cannot be judged."""
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
"""Maximum number of acknowledgement lines above the risks; a fold holds `STOPS_FOLDED`."""
STOPS_FOLDED: Final = 50
ITEMIZED: Final = 20
"""Maximum number of created or destroyed resources without a risk that are shown with their attributes."""
WHOLE: Final = frozenset({Action.CREATE, Action.DESTROY})
"""Actions on a whole resource, without an old and a new value to compare."""
STOPPING: Final = LOSSES | {Kind.DESTROYED, Kind.REPLACED}
"""Kinds of findings that gates stop."""
LINES_OF_A_RISK: Final = 12
LINES_OF_A_FOLD: Final = 200
BYTES_OF_A_FOLD: Final = 8_000
_FOLDED: Final = "</details>"
RESERVE: Final = 2_500
"""Bytes reserved for headings of sections and the counts of what is left out."""


def marker(stack: str) -> str:
    """Return the first line of a stack's comment, by which the next review finds and replaces it."""
    return f"<!-- wealist-plan-review:{stack} -->"


def comment(review: Review, *, artifact_url: str | None) -> str:
    """Return the comment, of at most `LIMIT` bytes.

    Args:
        review: The review.
        artifact_url: URL of the complete review; None adds no link.
    """
    head = "\n".join([*_head(review), *_gates(review)]).rstrip("\n")
    foot = f"\n[The whole review](<{artifact_url}>)\n" if artifact_url else ""
    room = LIMIT - RESERVE - byte_size(head) - byte_size(foot)
    risks, notes = group_findings(review)
    texts, left_risks = fit_bullets(risks, room, partial(_bullet, review=review), byte_size)
    room -= sum(byte_size(text) + 1 for text in texts)
    groups, left = fit_sections(_sections(review, notes), room if not left_risks else 0)
    body = "\n".join([*texts, *_body(review, groups)])
    left_out = _left_out({"risks": left_risks} | Counter(section.kind for section in left))
    return "\n".join(part for part in (head, body, left_out, foot) if part).rstrip() + "\n"


def refusal(stack: str, message: str, remedy: str) -> str:
    """Return the comment on a plan that cannot be reviewed. It replaces an older, outdated review."""
    return (
        f"{marker(stack)}\n## ⛔ {stack}: the plan cannot be reviewed\n\n{code_span(message)}\n\n{code_span(remedy)}\n"
    )


def change_groups(review: Review) -> Iterator[tuple[str, Action | None, Sequence[Change]]]:
    """Yield title, action and changes: by action, the riskiest first; then outputs and drift, without an action."""
    for action in ACTIONS:
        if changes := [change for change in review.ranked if change.action is action]:
            yield f"{len(changes)} {GROUPS[action]}", action, changes
    if outputs := review.plan.outputs:
        yield count_noun(len(outputs), "output"), None, outputs
    if drift := review.plan.drift:
        yield f"{len(drift)} changed outside of Terraform", None, drift


def _head(review: Review) -> Iterator[str]:
    yield marker(review.stack)
    yield f"## {NEUTRAL if review.is_neutral else SIGNS[review.severity]} {review.stack}: {review.verdict}\n"
    counts = [f"**{number}** to {name}" for name, number in review.plan.counts.items() if number]
    outputs = [count_noun(len(review.plan.outputs), "output")] if review.plan.outputs else []
    summary = ", ".join([*counts, *outputs]) or ("Nothing to do" if review.is_empty else "No resource changes")
    costs = "".join(f"\n{markdown_sentence(words)}" for words in cost_words(review.costs))
    yield f"{summary} · account {code_span(review.account)}{costs}\n"
    for words in unjudged_words(review.unjudged, review.plan.unread):
        yield f"**{markdown_sentence(words)}**\n"


def _gates(review: Review) -> Iterator[str]:
    """Yield the worst stopped changes and the acknowledgements: at most 12 lines."""
    result = review.gate_result
    if result.stopped:
        shown = result.stopped[:STOPS_SHOWN]
        worst = f"; the worst {len(shown)}" if len(shown) < len(result.stopped) else ""
        number = count_noun(len(result.stopped), "change")
        label = f"the label `Acknowledge: {short_form(shown[0].name)}`" if len(result.stopped) == 1 else "labels"
        yield f"**⛔ Stopped until acknowledged: {number}**, by lines in the description, or {label}{worst}\n"
        yield f"{_lines_to_copy(shown)}\n"
    acknowledged = _named("Acknowledged", [stop.name for stop in result.acknowledged])
    unused = _named("Acknowledged, but no gate stops it", result.unused)
    if acknowledged or unused:
        yield " · ".join(filter(None, (acknowledged, unused))) + "\n"


def _lines_to_copy(stops: Iterable[Stop]) -> str:
    lines = diff_block([Line(" ", "Acknowledge", stop.name) for stop in stops])
    # People copy these lines, so they have no sign.
    return lines.replace("diff\n", "text\n", 1).replace("\n  Acknowledge: ", "\nAcknowledge: ")


def _named(title: str, names: Sequence[str]) -> str:
    shown = ", ".join(map(code_span, names[:STOPS_SHOWN]))
    more = f" and {len(names) - STOPS_SHOWN} more" if len(names) > STOPS_SHOWN else ""
    return f"{title}: {shown}{more}" if names else ""


def _acknowledgements(stops: Sequence[Stop]) -> Iterator[str]:
    """Yield lines and labels that acknowledge the stopped changes."""
    shown = stops[:STOPS_FOLDED]
    if len(stops) > STOPS_SHOWN:
        yield f"Lines for the description\n\n{_lines_to_copy(shown)}\n"
    yield "Labels\n"
    yield from (f"- `Acknowledge: {short_form(stop.name)}` for {code_span(stop.name)}" for stop in shown)
    if more := len(stops) - len(shown):
        yield f"\nand {more} more, in the whole review"


def _bullet(bullet: Bullet, *, review: Review, is_short: bool = False) -> str:
    """Return a bullet, below its heading if it is the first of a group.

    Args:
        bullet: The bullet.
        review: The review.
        is_short: Truncate names and values, and leave out the lines of the difference.
    """
    worst = bullet.worst
    heading = f"\n**{SIGNS[worst.severity]} {worst.heading}**\n\n" if bullet.is_first else ""
    passed = " *(acknowledged)*" if is_acknowledged(bullet, review) else ""
    text = f"{heading}- {markdown_sentence(shorten(bullet.words) if is_short else bullet.words)}{passed}"
    lines = worst.lines if len(bullet.findings) == 1 and not is_short else ()
    if not lines:
        return text
    more = len(lines) - LINES_OF_A_RISK
    shown = diff_block(lines[:LINES_OF_A_RISK], indent="  ")
    return f"{text}\n{shown}" + (f"\n  and {more} more lines, in its fold below" if more > 0 else "")


def is_acknowledged(bullet: Bullet, review: Review) -> bool:
    """Return whether all changes that a bullet is about are acknowledged."""
    acknowledged = review.gate_result.acknowledged_keys
    return all(each.key in acknowledged and each.kind in STOPPING for each in bullet.findings)


def _sections(review: Review, notes: list[Bullet]) -> Iterator[Section]:
    """Yield the sections of the folds, the most important first."""
    stops = review.gate_result.stopped
    if len(stops) > 1:
        yield Section(STOPS, STOPS, lambda: "\n".join(_acknowledgements(stops)))
    risky = [change for change in review.ranked if _is_risky(change, review)]
    others = [change for change in review.ranked if not _is_risky(change, review)]
    yield from _folds(risky, review)
    yield from (Section(NOTES, NOTES, partial(_bullet, each, review=review)) for each in notes)
    yield from (Section(OUTPUTS, OUTPUTS, partial(_fold, output, review)) for output in review.plan.outputs)
    yield from (Section(DRIFT, "drifted", partial(_fold, change, review)) for change in review.plan.drift)
    for action in ACTIONS:
        yield from _changes_without_risk(action, [change for change in others if change.action is action], review)


def _is_risky(change: Change, review: Review) -> bool:
    """Return whether a change has a risk other than being destroyed, so that its attributes matter."""
    found = review.by_object.get(change.key, [])
    return bool(found) and found[0].severity > Severity.NOTE and found[0].kind is not Kind.DESTROYED


def _has_evidence(change: Change, review: Review) -> bool:
    """Return whether a finding has lines, such as a new role's rights, that a sentence about many roles leaves out."""
    return any(each.lines for each in review.by_object.get(change.key, []))


def _folds(changes: Iterable[Change], review: Review) -> Iterator[Section]:
    return (Section(each.action, GROUPS[each.action], partial(_fold, each, review)) for each in changes)


def _changes_without_risk(action: Action, changes: list[Change], review: Review) -> Iterable[Section]:
    """Return one section for each change; of many created or destroyed resources, only the number by section."""
    if action not in WHOLE or len(changes) <= ITEMIZED:
        return _folds(changes, review)
    shown = [change for change in changes if _has_evidence(change, review)]
    counted_only = [change.address for change in changes if not _has_evidence(change, review)]
    rows = [f"- {code_span(title)}: {number}" for title, number in count_by_section(counted_only)]
    return [*_folds(shown, review), Section(action, GROUPS[action], partial("\n".join, rows))]


def _fold(change: Change, review: Review) -> str:
    """Return a fold of a resource's attributes, preceded by lines of findings that were cut above."""
    lines: list[Line] = []
    for finding in review.by_object.get(change.key, []):
        if len(finding.lines) > LINES_OF_A_RISK and finding.kind is not Kind.USER_DATA:
            lines += [Line("~", "", finding.kind.value.lower()), *finding.lines]
    lines += attribute_lines(change)
    title = "".join(code_tag(word) if isinstance(word, Code) else word for word in change_title(change))
    return f"<details><summary>{title}</summary>\n\n{_limited(lines)}\n\n{_FOLDED}"


def _limited(lines: list[Line]) -> str:
    if not lines:
        return "No attribute that is shown changes."
    kept: list[Line] = []
    used = 0
    for line in lines[:LINES_OF_A_FOLD]:
        used += byte_size(diff_block([line]))
        if used > BYTES_OF_A_FOLD and kept:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    return diff_block(kept) + (f"\n\nand {more} more lines" if more else "")


def _body(review: Review, groups: dict[str, list[str]]) -> Iterator[str]:
    yield from (_section(title, groups[group]) for group, title in _titles(review) if group in groups)
    if review.plan.unrelated_drift:
        other = count_noun(review.plan.unrelated_drift, "resource")
        yield f"\nIn AWS, {other} changed in ways that nothing in this plan depends on."


def _titles(review: Review) -> Iterator[tuple[str, str]]:
    """Yield each group and its title, in the order of the comment."""
    yield STOPS, "How to acknowledge"
    yield NOTES, count_noun(sum(finding.severity is Severity.NOTE for finding in review.findings), "note")
    number = Counter(change.action for change in review.plan.changes)
    yield from ((action, f"{number[action]} {GROUPS[action]}") for action in ACTIONS)
    yield OUTPUTS, count_noun(len(review.plan.outputs), "output")
    yield DRIFT, f"{len(review.plan.drift)} changed outside of Terraform"


def _section(title: str, texts: list[str]) -> str:
    text = "\n".join(filter(None, texts)).lstrip("\n")
    text = text.replace(f"{_FOLDED}\n- ", f"{_FOLDED}\n\n- ")  # a list begins after an empty line
    return f"\n<details><summary><b>{title}</b></summary>\n\n{text}\n\n{_FOLDED}"


def _left_out(left: Mapping[str, int]) -> str:
    summary = ", ".join(f"{number} {kind}" for kind, number in left.items() if number)
    return f"\n**Left out, for a comment has {LIMIT} characters at most: {summary}.**" if summary else ""
