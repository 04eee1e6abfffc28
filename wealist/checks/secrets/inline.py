r"""Secrets that a text gives away by the words before them: `PASSWORD=…`, `"password": …`, `--token …`.

name, sign, value → the value is a secret, unless a shell or a template fills it in later

    PASSWORD='…'…   "password": "…"   --token …   PASSWORD '…'     to the end of the word, quoted or not
    password: …     password = …      requirepass …                to the end of the line: nothing says where it ends
    password: |     <password>…</password>                         the block, the element
"""

import re
from collections.abc import Iterator
from typing import Final

from wealist.checks.secrets.names import WORDS, is_about_a_secret, table
from wealist.checks.secrets.shapes import FILLED_IN, Place, is_filled_in, known

_QUOTE: Final = r"\\*[\"']"
_SIGN: Final = (
    rf"{_QUOTE}\]?[ \t]*(?:=>|:=|==?|:)[ \t]*"
    r"|[ \t]*(?:=>|:=|\+=|==?)[ \t]*"
    r"|[ \t]*:(?:[ \t]+|(?=[\"']))"
)
_GIVEN: Final = re.compile(
    rf"(?P<name>{WORDS}[\w.-]{{0,64}})(?P<sign>{_SIGN})"
    # `PASSWORD:x`, but neither `secretsmanager:GetSecretValue` nor `…:secret:…` of an ARN.
    rf"|(?<![\w:/.@-])(?P<bare>[\w-]{{0,40}}?{WORDS}):(?![\s:/?+]|[-=][}}$]|$)"
    rf"|(?P<argument>--[\w-]{{0,40}}?(?:{WORDS}|requirepass|masterauth)[\w-]{{0,40}})[ \t]+(?!-)"
    rf"|(?<![\w-])(?:requirepass|masterauth)[ \t]+"
    rf"|(?P<sql>\bpassword|\bidentified[ \t]+by)[ \t]+E?(?={_QUOTE})",
    re.IGNORECASE,
)
_BEGINS_ITS_LINE: Final = re.compile(
    r"\s*(?:(?:export|set|env|readonly|local|declare|-)[ \t]+)*[\"']?[\w.-]*", re.IGNORECASE
)
_BLOCK: Final = re.compile(r"[|>][+-]?\d?[+-]?[ \t]*(?:#[^\n]*)?\n")

_NO_SECRET: Final = re.compile(
    rf"(?P<quote>{_QUOTE}|)"
    rf"(?P<inner>(?:{FILLED_IN}[:/@.]?)+|\$\w+(?:/[\w.-]+)+|(?:true|false|null|none)\b|(?<=[\"']))(?P=quote)"
    r"(?P<after>\\*[\"'](?=[\s,;)}\]&|\\]|$)|(?=[\s,;)}\]&|]|\\[nrt]|$))",
    re.IGNORECASE,
)
"""Values that a shell or a template fills in, files in a folder that it does, switches, and empty ones."""
_ONLY_REMARKS: Final = re.compile(r"[ \t]*(?:$|[\n#,;)}\]&|\\])")

_DOUBLE: Final = r"\"(?:[^\"\\\n]|\\.)*(?:\"|\\?$)"
_SINGLE: Final = r"'(?:[^'\\\n]|\\.)*(?:'|\\?$)"
_ESCAPED: Final = r"(?P<opened>\\+[\"'])(?:.*?(?<!\\)(?P=opened)|.*)"
_QUOTED: Final = re.compile(
    rf"(?:{_DOUBLE}|{_SINGLE}|{_ESCAPED})(?:[^\s,;)}}\]&|<>\"'\\]+|{_DOUBLE}|{_SINGLE})*", re.MULTILINE
)
_WORD: Final = re.compile(rf"(?:[^\s\"'\\]+|\\.|\\$|{_DOUBLE}|{_SINGLE})*", re.MULTILINE)
_LINE: Final = re.compile(r"[^\n]*")

_ELEMENT: Final = re.compile(
    rf"(?P<open><(?P<name>[\w:.-]{{0,40}}?{WORDS}[\w:.-]{{0,40}})(?:\s[^<>\n]{{0,200}})?>)(?P<value>.{{1,4000}}?)(?=</)",
    re.IGNORECASE | re.DOTALL,
)
_STEMS: Final = (*table()["stems"], "masterauth", "identified")
"""One of these stands in every text that assigns a secret: to look for them is much faster."""


def places(text: str) -> Iterator[Place]:
    """Return each secret that a text gives away, by its shape or by the words before it. Places may overlap."""
    yield from known(text)
    yield from assigned(text)


def assigned(text: str) -> Iterator[Place]:
    """Return each secret that the words before it give away."""
    lower = text.lower()
    if any(map(lower.__contains__, _STEMS)):
        yield from _assigned(text)
        yield from _elements(text)


def _elements(text: str) -> Iterator[Place]:
    for match in _ELEMENT.finditer(text):
        if not (is_about_a_secret(match["name"]) or is_filled_in(match["value"])):
            yield Place(*match.span("value"), f"a literal {match['name']}")


def _assigned(text: str) -> Iterator[Place]:
    position = 0
    while match := _GIVEN.search(text, position):
        start = position = match.end()
        name = match["name"] or match["bare"] or match["argument"] or ""
        if not is_about_a_secret(name):
            position = _end_of_value(text, match)
            if position > start:
                yield Place(start, position, f"a literal {name}" if name else "a password of a command")


def _end_of_value(text: str, match: re.Match[str]) -> int:
    """Where the value ends that begins where the match ends; there already, where it is no secret."""
    start = match.end()
    if ":" in (match["sign"] or "") and (block := _BLOCK.match(text, start)):
        return _end_of_block(text, match.start(), block.end())
    is_line = _is_open(text, match)
    nothing = _NO_SECRET.match(text, start)
    if nothing and (not is_line or nothing["quote"] or nothing["after"] or _ONLY_REMARKS.match(text, nothing.end())):
        is_literal = nothing["quote"].endswith("'") and "$" in nothing["inner"]
        if not is_literal:
            return start
    value = _QUOTED.match(text, start) or (_LINE if is_line else _WORD).match(text, start)
    return value.end() if value else start


def _is_open(text: str, match: re.Match[str]) -> bool:
    """Whether nothing says where an unquoted value ends, but the end of its line."""
    if match["argument"] or match["sql"]:
        return False
    if (match["sign"] or ":") != "=":
        return True
    line = max(text.rfind("\n", 0, match.start()) + 1, match.start() - 200)
    return _BEGINS_ITS_LINE.fullmatch(text, line, match.start()) is not None


def _end_of_block(text: str, key: int, start: int) -> int:
    """The end of a block of YAML: its lines are empty, or stand deeper than the line of its key."""
    line = text.rfind("\n", 0, key) + 1
    indent = len(text[line:key]) - len(text[line:key].lstrip(" "))
    end = start
    while end < len(text):
        after = text.find("\n", end) + 1 or len(text) + 1
        content = text[end : after - 1]
        if content.strip() and len(content) - len(content.lstrip(" ")) <= indent:
            break
        end = min(after, len(text))
    return end if end == len(text) or end == start else end - 1
