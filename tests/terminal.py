"""A simulated terminal that renders text and control sequences."""

import io
import re
import threading
from typing import Final

_TOKEN: Final = re.compile(r"\x1b\[(?P<parameters>[?\d;]*)(?P<command>[A-Za-z])|(?P<character>[^\x1b])", re.DOTALL)


class Terminal(io.StringIO):
    """A text stream that behaves like a terminal.

    Args:
        width: Number of columns. Longer lines continue in the next row.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width
        self._rows: list[list[str]] = [[]]
        self._row = self._column = 0
        self._lock = threading.Lock()  # rich redraws in a thread

    def isatty(self) -> bool:
        """Return True, so that programs write control sequences."""
        return True

    def shown(self) -> str:
        """Return all rows, without trailing blanks."""
        with self._lock:
            rows = ["".join(row).rstrip() for row in self._rows]
        return "\n".join(rows).rstrip("\n") + "\n"

    def write(self, text: str) -> int:
        """Render characters and control sequences.

        Raises:
            TypeError: The argument is not a text. Programs test with bytes whether a stream accepts text.
            ValueError: The control sequence is not supported.
        """
        if not isinstance(text, str):
            raise TypeError("a terminal accepts text only")
        with self._lock:
            position = 0
            while position < len(text):
                token = _TOKEN.match(text, position)
                if token is None:
                    raise ValueError(f"unsupported control sequence: {text[position:][:20]!r}")
                position = token.end()
                self._render(token)
        return len(text)

    def _render(self, token: re.Match[str]) -> None:
        if token["command"]:
            self._run(token["command"], token["parameters"])
        elif token["character"] == "\r":
            self._column = 0
        elif token["character"] == "\n":
            self._next_row()
        else:
            self._put(token["character"])

    def _run(self, command: str, parameters: str) -> None:
        """Run a command of https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, "Functions using CSI"."""
        if command == "A":
            self._row = max(0, self._row - int(parameters or 1))
        elif command == "K":
            row = self._rows[self._row]
            del row[0 if parameters == "2" else self._column :]
        elif command not in "mhl":  # colours and the visibility of the cursor are ignored
            raise ValueError(f"unsupported control sequence: CSI {parameters}{command}")

    def _put(self, character: str) -> None:
        if self._column == self._width:
            self._next_row()
        row = self._rows[self._row]
        row += " " * (self._column + 1 - len(row))
        row[self._column] = character
        self._column += 1

    def _next_row(self) -> None:
        self._row, self._column = self._row + 1, 0
        if self._row == len(self._rows):
            self._rows.append([])
