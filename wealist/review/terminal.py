"""A review on one screen of a terminal: the end of `make plan`.

counts, gates │ risks, the worst first │ number of notes │ changes by action │ verdict, files with the complete review
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Final

from rich.columns import Columns
from rich.console import Console
from rich.text import Text

from wealist.review.changes import Change, attribute_lines
from wealist.review.difference import Line, visible_line
from wealist.review.finding import Severity
from wealist.review.formatting import change_title, cost_words, count_by_section, count_noun, plain_text, unjudged_words
from wealist.review.layout import Bullet, fit_bullets, group_findings, shorten
from wealist.review.markdown import ITEMIZED, LINES_OF_A_RISK, WHOLE, change_groups
from wealist.review.values import visible
from wealist.review.verdict import Review

SCREEN: Final = 40
"""Maximum number of lines of a review at 100 columns or more."""
STYLES: Final = {None: "bold", Severity.NOTE: "green", Severity.CAUTION: "yellow", Severity.DANGER: "bold red"}
WORDS: Final = {Severity.NOTE: "note", Severity.CAUTION: "caution", Severity.DANGER: "DANGER"}
SIGNS: Final = {"+": "green", "-": "red", "!": "yellow"}
STOPS: Final = 3
"""Maximum number of stopped changes that are named."""


def show(review: Review, console: Console, *, files: Sequence[str] = ()) -> None:
    """Print a review.

    Args:
        review: The review.
        console: The console; lines are wrapped at its width.
        files: Lines that name files: `Terraform's plan: PATH`.
    """
    for line in screen(review, console, files=files):
        console.print(line, soft_wrap=True, highlight=False)


def screen(review: Review, console: Console, *, files: Sequence[str] = ()) -> list[Text]:
    """Return the lines of a review. See `show` for the arguments."""
    style = "bold" if review.is_neutral else STYLES[review.severity]
    head = _folded(console, _head(review))
    # People copy the paths in `files`, so they are not wrapped.
    costs = _folded(console, (Text(plain_text(words)) for words in cost_words(review.costs)))
    foot = [*costs, Text(f"{review.stack}: {review.verdict}", style=style), *map(Text, files)]
    groups = list(_groups(review, console))
    risks, notes = group_findings(review)
    counts = [_number_of_notes(notes)] if notes else []
    room = SCREEN - len(head) - len(counts) - len(groups) - len(foot)
    # One line is reserved for the number of risks that do not fit.
    texts, left = fit_bullets(risks, room - 1, partial(_bullet, console=console), len)
    shown = [line for text in texts for line in text]
    if left:
        shown.append(Text(f"… and {left} more {'risk' if left == 1 else 'risks'}", style="bold"))
    return [*head, *shown, *counts, *_changes(groups, room - len(shown)), *foot]


def _head(review: Review) -> Iterator[Text]:
    counts = [f"{number} to {name}" for name, number in review.plan.counts.items() if number]
    outputs = [count_noun(len(review.plan.outputs), "output")] if review.plan.outputs else []
    nothing = "nothing to do" if review.is_empty else "no resource changes"
    yield Text(f"{review.stack}: {', '.join([*counts, *outputs]) or nothing} (account {visible(review.account)})")
    for words in unjudged_words(review.unjudged, review.plan.unread):
        yield Text(plain_text(words), style="bold")
    result = review.gate_result
    for stop in result.stopped[:STOPS]:
        yield Text(f"stopped by {' and '.join(stop.gates)}: {visible(stop.name)}", style="bold red")
    if (more := len(result.stopped) - STOPS) > 0:
        yield Text(f"… and {more} more stopped", style="bold red")
    if result.acknowledged:
        yield Text(f"acknowledged: {_named([stop.name for stop in result.acknowledged])}")
    if result.unused:
        yield Text(f"acknowledged, but no gate stops it: {_named(result.unused)}", style="yellow")


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{visible(names[0])}{more}"


def _bullet(bullet: Bullet, *, console: Console, is_short: bool) -> list[Text]:
    worst = bullet.worst
    heading = Text(f"{WORDS[worst.severity]}: {worst.heading}", style=STYLES[worst.severity])
    words = Text(f"  {plain_text(shorten(bullet.words) if is_short else bullet.words)}")
    lines = worst.lines if len(bullet.findings) == 1 and not is_short else ()
    shown = [heading] if bullet.is_first else []
    return [*shown, *_folded(console, [words]), *_limited(list(_texts(lines, console)), LINES_OF_A_RISK)]


def _number_of_notes(notes: Iterable[Bullet]) -> Text:
    number: Counter[str] = Counter()
    for each in notes:
        number[each.worst.heading] += len(each.findings)
    kinds = ", ".join(f"{heading.lower()} {count}" for heading, count in number.items())
    return Text(f"{count_noun(sum(number.values()), 'note')}: {kinds}", style=STYLES[Severity.NOTE])


def _changes(groups: Iterable[tuple[Text, list[Text]]], room: int) -> Iterator[Text]:
    """Yield the titles of all groups, with as many lines below each as fit."""
    for title, lines in groups:
        yield title
        shown = _limited(lines, room)
        room -= len(shown)
        yield from shown


def _groups(review: Review, console: Console) -> Iterator[tuple[Text, list[Text]]]:
    """Yield title and lines of each group: changes by action, outputs, drift."""
    for title, action, changes in change_groups(review):
        whole = action in WHOLE and len(changes) > ITEMIZED
        lines = _table(changes, console) if whole else _resources(changes, console)
        yield Text(title, style="bold"), list(lines)
    if review.plan.unrelated_drift:
        other = count_noun(review.plan.unrelated_drift, "resource")
        yield Text(f"in AWS, {other} changed in ways that nothing in this plan depends on"), []


def _table(changes: Iterable[Change], console: Console) -> Iterator[Text]:
    """Yield the number of resources in each section of the architecture, in columns."""
    sections = count_by_section(change.address for change in changes)
    cells = [Text(f"{number:>4} {visible(section)}") for section, number in sections]
    columns = Columns(cells, column_first=True, equal=True, padding=(0, 2))
    yield from (Text("".join(part.text for part in line).rstrip()) for line in console.render_lines(columns))


def _resources(changes: Iterable[Change], console: Console) -> Iterator[Text]:
    for change in islice(changes, SCREEN):
        yield from _folded(console, [Text(f"  {plain_text(change_title(change))}")])
        if change.action not in WHOLE:
            yield from _texts(attribute_lines(change), console)


def _texts(lines: Iterable[Line], console: Console) -> Iterator[Text]:
    """Yield lines of a difference, truncated at the console's width."""
    for line in lines:
        text = Text(f"    {visible_line(line)}")
        text.stylize(SIGNS.get(text.plain[4:5], "dim"))
        text.truncate(console.width, overflow="ellipsis")
        yield text


def _limited(lines: list[Text], room: int) -> list[Text]:
    """Return as many lines as fit; the last one counts the others."""
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], Text(f"    … and {len(lines) - room + 1} more lines")] if room > 0 else []


def _folded(console: Console, texts: Iterable[Text]) -> list[Text]:
    """Wrap texts at the console's width, with continuation lines indented."""
    lines: list[Text] = []
    for text in texts:
        first, *more = text.wrap(console, console.width)
        lines.append(first)
        for line in more:
            line.rstrip()  # `wrap` leaves the space that it wraps at
        rest = Text(" ").join(more)
        indented = rest.wrap(console, console.width - 4) if more else ()
        lines.extend(Text("    ", style=text.style).append_text(line) for line in indented)
    for line in lines:
        line.rstrip()
    return lines
