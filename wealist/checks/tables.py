"""Tables for terminals of any width. The result comes first; cells that do not fit beside it get lines of their own.

proven   the data tier opens no connections
refuted  the internet reaches only the load balancer, on 80 and 443
    problem: aws_vpc_security_group_ingress_rule.opened lets 0.0.0.0/0 in on 6379
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

_GAP: Final = 2
"""Spaces between columns."""
_INDENT: Final = 4
"""Spaces before a cell on its own line."""
_FILE_WIDTH: Final = 200
"""The width if stdout is not a terminal, and COLUMNS is not set."""


def stdout() -> "Console":
    """Return the console that tables are printed on."""
    from rich.console import Console  # noqa: PLC0415  a synthesis prints no tables

    return Console(width=None if Console().is_terminal or "COLUMNS" in os.environ else _FILE_WIDTH)


@dataclass(frozen=True)
class Table:
    """A table that rich prints. Importing this module does not load rich.

    Attributes:
        title: The title.
        headings: One for each column.
        rows: The cells of each row; an empty cell takes no space.
        styles: Text of a cell → its rich style.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    styles: Mapping[str, str] = field(default_factory=dict)

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> Iterator["Text"]:
        """Yield the lines, none of which is wider than the console."""
        from rich.text import Text  # noqa: PLC0415  a synthesis prints no tables

        width = options.max_width
        starts = self._starts(width)
        yield from Text(self.title, "bold").wrap(console, width)
        head = Text(style="dim")
        for start, heading in zip(starts, self.headings, strict=True):
            if start + len(heading) <= width:
                head.pad_right(start - len(head))
                head.append(heading)
        yield head
        for row in self.rows:
            yield from self._lines(console, width, starts, [Text(cell, self.styles.get(cell, "")) for cell in row])
        yield Text()

    def _starts(self, width: int) -> list[int]:
        """Return the start of each column. Cells longer than half a line do not widen their column."""
        columns = zip(self.headings, *self.rows, strict=True)
        widths = [max(len(cell) for cell in column if len(cell) <= width // 2) for column in columns]
        return [0, *accumulate(each + _GAP for each in widths[:-1])]

    def _lines(self, console: "Console", width: int, starts: Sequence[int], cells: Sequence["Text"]) -> list["Text"]:
        """Return the lines of a row: cells beside the result, and from the first that does not fit, one line each."""
        first = cells[0].copy()
        below: list[Text] = []
        for start, heading, cell in zip(starts[1:], self.headings[1:], cells[1:], strict=True):
            room = width - start
            if not cell:
                continue
            if not below and len(first) + _GAP <= start and _fits(cell, room, width):
                beside, *more = cell.wrap(console, room)
                first.pad_right(start - len(first))
                first.append_text(beside)
                below += [_indented(line, start) for line in more]
            else:
                labelled = cell.assemble((f"{heading}: ", "dim"), cell)
                below += [_indented(line, _INDENT) for line in labelled.wrap(console, width - _INDENT)]
        first.rstrip()
        return [first, *below]


def _fits(cell: "Text", room: int, width: int) -> bool:
    """Return whether a cell fits in one line, or can wrap in at least half of the width."""
    longest = max(map(len, cell.plain.split()), default=0)
    return len(cell) <= room or (longest <= room and room >= width // 2)


def _indented(line: "Text", spaces: int) -> "Text":
    line.rstrip()
    line.pad_left(spaces)
    return line
