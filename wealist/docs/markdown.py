"""Write Markdown for GitHub and the site.

Values from stacks, environments and files go through `text` or `code`, so that they cannot become markup. All other
strings are Markdown.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

NONE: Final = "-"
"""The content of a cell without a value."""
_MARKUP: Final = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?=[ -~])[^\w ./,;()%'?=+-]", re.ASCII)
"""Characters that can be markup inside a sentence or a cell."""
_CODE: Final = re.compile(r"[\w./:@,;=+*{}()%'?~#!^ -]*[\w./:@,;=+*{}()%'?~#!^-]", re.ASCII)
"""Text that can stand between backticks unchanged, also in a table."""
_LINK: Final = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(#[^)\s]*)?\)")
_SLUG: Final = re.compile(r"[^\w\- ]")


def text(value: object) -> str:
    """Return a value as text on one line. Characters that can be markup become entities."""
    return _MARKUP.sub(lambda each: f"&#{ord(each[0])};", _line(value))


def code(value: object) -> str:
    """Return a value as code, or `NONE` if it is empty."""
    written = _line(value)
    if written in {"", NONE}:
        return NONE
    return f"`{written}`" if _CODE.fullmatch(written) else f"<code>{text(written)}</code>"


def _line(value: object) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in str(value)).split())


def codes(values: Iterable[object]) -> str:
    """Return values as code, separated by commas."""
    return ", ".join(map(code, values)) or NONE


def cells(values: Iterable[object]) -> str:
    """Return values as code, each on its own line of a table cell."""
    return "<br>".join(map(code, values)) or NONE


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown cells, or nothing if it has no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    head = [f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}"]
    return "\n".join([*head, *lines]) if lines else ""


def highlight(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return a table row. The name is bold if the values differ."""
    strong = "**" if len(set(values)) > 1 else ""
    return f"{strong}{name}{strong}", *values


def bullets(items: Iterable[str]) -> str:
    """Return a bulleted list."""
    return "\n".join(f"- {item}" for item in items)


def numbered(items: Iterable[str]) -> str:
    """Return a numbered list."""
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))


def slug(title: str) -> str:
    """Return the anchor that GitHub generates for a heading."""
    return _SLUG.sub("", title.strip().lower()).replace(" ", "-")


def rebased(markdown: str, source: str, page: str, known: dict[str, str] | None = None) -> str:
    """Return Markdown with its relative links adapted to another file.

    Args:
        markdown: The Markdown.
        source: The path of the file that it comes from.
        page: The path of the file that it goes to.
        known: Path in the project → path in the output. Links to other files become text. Defaults to all files, at
            their paths in the project.
    """

    def rebase(link: re.Match[str]) -> str:
        anchor = link[2] or ""
        wanted = _normal(PurePosixPath(source).parent / link[1]) if link[1] else source
        if known is not None and wanted not in known:
            return "]"
        place = known[wanted] if known else wanted
        return f"]({relative(place, page)}{anchor})"

    moved = _LINK.sub(rebase, markdown)
    return re.sub(r"\[([^\[\]]*)\](?![(\[])", r"\1", moved) if known is not None else moved


def relative(path: str, page: str) -> str:
    """Return the relative path from a page to a file. Both paths start at the same folder."""
    here, there = PurePosixPath(page).parent.parts, PurePosixPath(path).parts
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "/".join((*[".."] * (len(here) - shared), *there[shared:]))


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
