"""What stands literally in a string that Terraform evaluates.

"s3://${aws_s3_bucket.scripts.id}/x"             → "s3://${}/x"
'${var.role == "a" ? "b.example" : local.host}'  → "a", "b.example", "${}"
"""

import re
from functools import lru_cache
from typing import Final

FILLED_IN: Final = "${}"
"""What stands in place of everything that Terraform fills in."""
_MARK: Final = re.compile(r'\$\$\{|%%\{|[$%]\{|\\.|["{}]', re.DOTALL)
_OPENS: Final = ("${", "%{")


@lru_cache(maxsize=8192)
def literals(template: str) -> tuple[str, ...]:
    """Return every literal part of a string, those within its expressions too."""
    if "${" not in template and "%{" not in template:
        return (template,)
    found: list[str] = []
    _read_template(template, 0, found, quoted=False)
    return tuple(found)


def _read_template(text: str, at: int, found: list[str], *, quoted: bool) -> int:
    """Read up to the closing quote, or to the end; return the place behind it."""
    parts, start = [], at
    while mark := _MARK.search(text, at):
        if mark[0] in _OPENS:
            parts += [text[start : mark.start()], FILLED_IN]
            at = start = _read_expression(text, mark.end(), found)
        elif mark[0] == '"' and quoted:
            break
        else:
            # Only a quoted string knows escapes.
            at = mark.start() + 1 if mark[0][0] == "\\" and not quoted else mark.end()
    end, behind = (mark.start(), mark.end()) if mark else (len(text), len(text))
    found.append("".join([*parts, text[start:end]]))
    return behind


def _read_expression(text: str, at: int, found: list[str]) -> int:
    """Read up to the brace that closes the expression; return the place behind it."""
    depth = 1
    while mark := _MARK.search(text, at):
        at = mark.end()
        if mark[0] == '"':
            at = _read_template(text, at, found, quoted=True)
        elif mark[0] == "}":
            depth -= 1
            if not depth:
                return at
        elif mark[0][-1] == "{":
            depth += 1
    return len(text)
