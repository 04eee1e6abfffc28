"""A review on a terminal: what `make plan` ends with.

Risks and what shows them; then the attributes of what is updated or replaced, and the names of everything else, for
Terraform has printed all of it already.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from wealist.review.attributes import attribute_lines
from wealist.review.changes import Action, Change
from wealist.review.difference import Line, visible_line
from wealist.review.finding import Finding, Severity
from wealist.review.markdown import GROUPS
from wealist.review.text import counted, plain, unjudged_words
from wealist.review.verdict import ACTIONS, Review
from wealist.review.visible import visible

STYLES: Final = {None: "bold", Severity.NOTE: "green", Severity.CAUTION: "yellow", Severity.DANGER: "bold red"}
WORDS: Final = {Severity.NOTE: "note", Severity.CAUTION: "caution", Severity.DANGER: "DANGER"}
SIGNS: Final = {"+": "green", "-": "red", "!": "yellow"}
IN_FULL: Final = {Action.UPDATE, Action.REPLACE, Action.NONE}


def show(review: Review, console: Console) -> None:
    """Print a review."""
    for text in _texts(review):
        if console.is_terminal:
            console.print(text, soft_wrap=True, highlight=False)
        else:  # rich takes as long for text without colours as for any
            console.file.write(f"{text.plain}\n")


def _head(review: Review) -> Iterator[Text]:
    yield Text()
    yield Text(f"{review.stack}: {review.verdict}", style="bold" if review.is_neutral else STYLES[review.severity])
    counts = [f"{number} to {name}" for name, number in review.plan.counts.items() if number]
    outputs = [counted(len(review.plan.outputs), "output")] if review.plan.outputs else []
    nothing = "nothing to do" if review.plan.is_empty else "no resource changes"
    yield Text(f"{', '.join([*counts, *outputs]) or nothing} (account {visible(review.account)})")
    for words in unjudged_words(review.unjudged, review.plan.unread):
        yield Text(plain(words), style="bold")
    for change, gates in review.gate_result.stopped:
        yield Text(f"stopped by {' and '.join(gates)}: {visible(change.address)}", style="bold red")
    for address in sorted(review.gate_result.acknowledged):
        yield Text(f"acknowledged: {visible(address)}")
    for address in review.gate_result.idle:
        yield Text(f"acknowledged, but no gate stops it: {visible(address)}", style="yellow")


def _texts(review: Review) -> Iterator[Text]:
    yield from _head(review)
    for finding in review.findings:
        yield from _finding(finding)
    for action in ACTIONS:
        changes = [change for change in review.ranked if change.action is action]
        if changes:
            yield from _group(f"{len(changes)} {GROUPS[action]}", changes, in_full=action in IN_FULL)
    if review.plan.outputs:
        yield from _group(counted(len(review.plan.outputs), "output"), review.plan.outputs, in_full=True)
    if review.plan.drift:
        yield from _group(f"{len(review.plan.drift)} changed outside of Terraform", review.plan.drift, in_full=True)
    if review.plan.unrelated_drift:
        other = counted(review.plan.unrelated_drift, "resource")
        yield Text(f"\nin AWS, {other} changed in ways that nothing in this plan depends on")


def _finding(finding: Finding) -> Iterator[Text]:
    severity = f"{WORDS[finding.severity]}: {finding.kind.value.lower()}: "
    words = Text.assemble((severity, STYLES[finding.severity]), (visible(finding.address), "bold"))
    yield words.append(f" {plain(finding.words)}")
    yield from _lines(finding.lines)


def _group(title: str, changes: Iterable[Change], *, in_full: bool) -> Iterator[Text]:
    yield Text(f"\n{title}", style="bold")
    for change in changes:
        moved = f", moved from {visible(change.moved_from)}" if change.moved_from else ""
        order = f", {change.order}" if change.order else ""
        deposed = f", deposed object {visible(change.deposed)}" if change.deposed else ""
        imported = f", imported by the id {visible(change.imported)}" if change.imported else ""
        yield Text(f"  {visible(change.address)}{deposed}{imported}{moved}{order}")
        if in_full:
            yield from _lines(attribute_lines(change))


def _lines(lines: Iterable[Line]) -> Iterator[Text]:
    """All lines of a resource in one text: printing takes its time for each."""
    shown = [f"    {visible_line(line)}" for line in lines]
    if shown:
        yield Text("\n").join(Text(line, style=SIGNS.get(line[4:5], "dim")) for line in shown)
