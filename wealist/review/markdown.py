"""A review as a comment of a pull request.

marker, headline, counts, gates │ risks, the worst first │ a fold for each resource, by action │ outputs, drift, footer
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Final

from wealist.review.attributes import attribute_lines
from wealist.review.changes import Action, Change
from wealist.review.difference import Line
from wealist.review.finding import Finding, Kind, Severity
from wealist.review.gates import short
from wealist.review.text import block, counted, sentence, span, tag, unjudged_words
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
RISKS: Final = "risks"
NOTES: Final = "notes"
OUTPUTS: Final = "outputs"
DRIFT: Final = "drift"

BULLETS_OF_A_KIND: Final = 12
"""Risks of one kind and severity that are listed one by one; the others are in the folds."""
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
    groups, left = fitted(_sections(review), LIMIT - RESERVE - size(head) - size(foot))
    body = "\n".join(_body(review, groups))
    return "\n".join(part for part in (head, body, _left_out(left), foot) if part).rstrip() + "\n"


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
    result = review.gate_result
    if result.stopped:
        yield "**⛔ Stopped, until acknowledged** by its line in the description\n"
        addresses = [change.address for change, _ in result.stopped[:BULLETS_OF_A_KIND]]
        # The line is to be copied: no sign before it.
        lines = block([Line(" ", "Acknowledge", address) for address in addresses])
        yield lines.replace("diff\n", "text\n", 1).replace("\n  Acknowledge: ", "\nAcknowledge: ")
        yield "\nor by its label\n"
        yield from (f"- `Acknowledge: {short(address)}` for {span(address)}" for address in addresses)
        if more := len(result.stopped) - len(addresses):
            yield f"\nand {more} more"
        yield ""
    if result.acknowledged:
        names = [span(address) for address in sorted(result.acknowledged)[:BULLETS_OF_A_KIND]]
        yield f"Acknowledged: {', '.join(names)}{' …' if len(result.acknowledged) > len(names) else ''}\n"
    if result.idle:
        names = [span(address) for address in result.idle[:BULLETS_OF_A_KIND]]
        yield f"Acknowledged, but no gate stops it: {', '.join(names)}{' …' if len(result.idle) > len(names) else ''}\n"


def _sections(review: Review) -> Iterator[Section]:
    """Everything that may be left out, the riskiest first."""
    bullets = _bullets(review)
    risky = [change for change in review.ranked if (review.severity_of(change) or 0) >= Severity.CAUTION]
    calm = review.ranked[len(risky) :]
    yield from (section for section in bullets if section.group == RISKS)
    yield from (Section(change.action, GROUPS[change.action], partial(_fold, change, review)) for change in risky)
    yield from (section for section in bullets if section.group == NOTES)
    yield from (Section(OUTPUTS, "outputs", partial(_fold, output, review)) for output in review.plan.outputs)
    yield from (Section(DRIFT, "drifted", partial(_fold, change, review)) for change in review.plan.drift)
    yield from (Section(change.action, GROUPS[change.action], partial(_fold, change, review)) for change in calm)


def _bullets(review: Review) -> list[Section]:
    """The findings, each kind of each severity below a line of its own."""
    sections: list[Section] = []
    number: Counter[tuple[Severity, Kind]] = Counter()
    total = Counter((finding.severity, finding.kind) for finding in review.findings)
    for finding in review.findings:
        group = finding.severity, finding.kind
        number[group] += 1
        place = RISKS if finding.severity > Severity.NOTE else NOTES
        if number[group] <= BULLETS_OF_A_KIND or finding.severity is Severity.DANGER:
            heading = f"\n**{SIGNS[finding.severity]} {finding.kind.value}**\n\n" if number[group] == 1 else ""
            sections.append(Section(place, place, partial(_bullet, finding, review, heading)))
        elif number[group] == total[group]:
            text = f"- and {total[group] - BULLETS_OF_A_KIND} more, in the folds below"
            sections.append(Section(place, "remarks", partial(str, text)))
    return sections


def _bullet(finding: Finding, review: Review, heading: str) -> str:
    passed = " *(acknowledged)*" if _is_passed(finding, review) else ""
    bullet = f"{heading}- {span(finding.address)} {sentence(finding.words)}{passed}"
    if not finding.lines:
        return bullet
    more = len(finding.lines) - LINES_OF_A_RISK
    lines = block(finding.lines[:LINES_OF_A_RISK], indent="  ")
    return f"{bullet}\n{lines}" + (f"\n  and {more} more lines, in its fold below" if more > 0 else "")


def _is_passed(finding: Finding, review: Review) -> bool:
    return finding.address in review.gate_result.acknowledged and finding.kind in {
        Kind.STATEFUL,
        Kind.DESTROYED,
        Kind.REPLACED,
    }


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
