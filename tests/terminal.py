"""A terminal of some width: what it shows after everything that a program wrote to it, lines redrawn and erased."""

import io
import re
import threading
from typing import Final

_TOKEN: Final = re.compile(r"\x1b\[(?P<parameters>[?\d;]*)(?P<command>[A-Za-z])|(?P<character>[^\x1b])", re.DOTALL)


class Terminal(io.StringIO):
    """Takes the place of a stream that is a terminal.

    Args:
        width: Its columns. Longer lines go on in the next row, as terminals do it.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width
        self._rows: list[list[str]] = [[]]
        self._row = self._column = 0
        self._lock = threading.Lock()  # rich redraws in a thread

    def isatty(self) -> bool:
        """It is one."""
        return True

    def shown(self) -> str:
        """Every row, without blanks at its end."""
        with self._lock:
            rows = ["".join(row).rstrip() for row in self._rows]
        return "\n".join(rows).rstrip("\n") + "\n"

    def write(self, text: str) -> int:
        """Show characters, and obey control sequences.

        Raises:
            TypeError: bytes, by which programs find out whether a stream takes text.
            ValueError: a control sequence that no program here needs.
        """
        if not isinstance(text, str):
            raise TypeError("a terminal takes text")
        with self._lock:
            position = 0
            while position < len(text):
                token = _TOKEN.match(text, position)
                if token is None:
                    raise ValueError(f"not a control sequence that this terminal knows: {text[position:][:20]!r}")
                position = token.end()
                self._take(token)
        return len(text)

    def _take(self, token: re.Match[str]) -> None:
        if token["command"]:
            self._obey(token["command"], token["parameters"])
        elif token["character"] == "\r":
            self._column = 0
        elif token["character"] == "\n":
            self._next_row()
        else:
            self._put(token["character"])

    def _obey(self, command: str, parameters: str) -> None:
        """https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, "Functions using CSI"."""
        if command == "A":
            self._row = max(0, self._row - int(parameters or 1))
        elif command == "K":
            row = self._rows[self._row]
            del row[0 if parameters == "2" else self._column :]
        elif command not in "mhl":  # colours; whether the cursor is shown
            raise ValueError(f"this terminal does not know CSI {parameters}{command}")

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
