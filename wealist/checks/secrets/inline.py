r"""Detect secrets that are assigned to a name: `PASSWORD=…`, `"password": …`, `--token …`.

The value is a secret unless a shell or a template replaces it. The syntax decides where it ends:

    PASSWORD='…'…   "password": "…"   --token …   PASSWORD '…'     at the end of the word, quoted or not
    password: …     password = …      requirepass …                at the end of the line
    password: |     <password>…</password>                         at the end of the block or element
"""

import re
from collections.abc import Iterator
from typing import Final

from wealist.checks.secrets.names import WORDS, is_secret_metadata
from wealist.checks.secrets.tokens import SUBSTITUTION, SecretSpan, is_substitution, known_tokens, secret_patterns

_QUOTE: Final = r"\\*[\"']"
_OPERATOR: Final = (
    rf"{_QUOTE}\]?[ \t]*(?:=>|:=|==?|:)[ \t]*"
    r"|[ \t]*(?:=>|:=|\+=|==?)[ \t]*"
    r"|[ \t]*:(?:[ \t]+|(?=[\"']))"
)
_ASSIGNMENT: Final = re.compile(
    rf"(?P<name>{WORDS}[\w.-]{{0,64}})(?P<operator>{_OPERATOR})"
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

_NOT_SECRET: Final = re.compile(
    rf"(?P<quote>{_QUOTE}|)"
    rf"(?P<inner>(?:{SUBSTITUTION}[:/@.]?)+|\$\w+(?:/[\w.-]+)+|(?:true|false|null|none)\b|(?<=[\"']))(?P=quote)"
    r"(?P<after>\\*[\"'](?=[\s,;)}\]&|\\]|$)|(?=[\s,;)}\]&|]|\\[nrt]|$))",
    re.IGNORECASE,
)
"""Values that are not secrets: substitutions, files below them, booleans, and empty values."""
_REST_OF_LINE: Final = re.compile(r"[ \t]*(?:$|[\n#,;)}\]&|\\])")

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
_STEMS: Final = (*secret_patterns()["stems"], "masterauth", "identified")
"""Every text that assigns a secret contains one of these; searching for them first is much faster."""


def secret_spans(text: str) -> Iterator[SecretSpan]:
    """Yield each secret of a known format, and each that is assigned to a name. Spans may overlap."""
    yield from known_tokens(text)
    yield from assigned_secrets(text)


def assigned_secrets(text: str) -> Iterator[SecretSpan]:
    """Yield each secret that is assigned to a name."""
    lower = text.lower()
    if any(map(lower.__contains__, _STEMS)):
        yield from _assignments(text)
        yield from _elements(text)


def _elements(text: str) -> Iterator[SecretSpan]:
    for match in _ELEMENT.finditer(text):
        if not (is_secret_metadata(match["name"]) or is_substitution(match["value"])):
            yield SecretSpan(*match.span("value"), f"a literal {match['name']}")


def _assignments(text: str) -> Iterator[SecretSpan]:
    position = 0
    while match := _ASSIGNMENT.search(text, position):
        start = position = match.end()
        name = match["name"] or match["bare"] or match["argument"] or ""
        if not is_secret_metadata(name):
            position = _end_of_value(text, match)
            if position > start:
                yield SecretSpan(start, position, f"a literal {name}" if name else "a password of a command")


def _end_of_value(text: str, match: re.Match[str]) -> int:
    """Return where the value after a match ends; the end of the match where the value is not a secret."""
    start = match.end()
    if ":" in (match["operator"] or "") and (block := _BLOCK.match(text, start)):
        return _end_of_block(text, match.start(), block.end())
    to_end_of_line = _extends_to_end_of_line(text, match)
    if _is_not_secret(text, start, to_end_of_line=to_end_of_line):
        return start
    value = _QUOTED.match(text, start) or (_LINE if to_end_of_line else _WORD).match(text, start)
    return value.end() if value else start


def _is_not_secret(text: str, start: int, *, to_end_of_line: bool) -> bool:
    value = _NOT_SECRET.match(text, start)
    if value is None:
        return False
    if to_end_of_line and not (value["quote"] or value["after"] or _REST_OF_LINE.match(text, value.end())):
        return False
    is_literal = value["quote"].endswith("'") and "$" in value["inner"]
    return not is_literal


def _extends_to_end_of_line(text: str, match: re.Match[str]) -> bool:
    """Return whether an unquoted value extends to the end of its line."""
    if match["argument"] or match["sql"]:
        return False
    if (match["operator"] or ":") != "=":
        return True
    line = max(text.rfind("\n", 0, match.start()) + 1, match.start() - 200)
    return _BEGINS_ITS_LINE.fullmatch(text, line, match.start()) is not None


def _end_of_block(text: str, key: int, start: int) -> int:
    """Return the end of a YAML block: its lines are empty or indented more than the line of its key."""
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
