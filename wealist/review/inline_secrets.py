r"""Secrets that a text gives away by its own words: `PASSWORD=…`, a private key, `https://user:…@`.

name, sign, value → the value is hidden, unless a shell or a template fills it in later

    PASSWORD='…'…   "password": "…"   --token …   PASSWORD '…'     to the end of the word, quoted or not
    password: …     password = …      requirepass …                to the end of the line: nothing says where it ends
    password: |     <password>…</password>                         the block, the element
"""

import re
from typing import Final

from wealist.review.secrets import MARK, WORDS, hide, is_about_a_secret

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

_FILLED_IN: Final = (
    r"(?:(?>\$\((?:[^()\n]|\([^()\n]*\))*\)|\$\([^\n]*)"
    r"|\$\{\{[^}\n]*\}\}|\$\{[!#]?\w+(?:\[[^\]\n]*\])?(?::?[-=+](?:\$\w+)?|[#%/^,][^}\n]*|:?\?[^}\n]*)?\}|\$\w+|\$[@*#?$!]"
    rf"|`[^`\n]*`|\{{\{{[^}}\n]*\}}\}}|<[\w .:-]+>|%\w\b|%\(\w+\)s|{MARK})"
)
_ALL_FILLED_IN: Final = re.compile(rf"(?:{_FILLED_IN}[:/@.]?)+")
_NO_SECRET: Final = re.compile(
    rf"(?P<quote>{_QUOTE}|)"
    rf"(?P<inner>(?:{_FILLED_IN}[:/@.]?)+|\$\w+(?:/[\w.-]+)+|(?:true|false|null|none)\b|(?<=[\"']))(?P=quote)"
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
_LOOKS: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^/\s:@\"'<>]{0,200}:(?!\d{1,5}/)[^\s\"'<>]{1,400}(?=@)"
    r"|(?<=Bearer )[\w.~+/=-]{8,}|(?<=Basic )[\w+/=]{8,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{20,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*",
    re.DOTALL,
)
"""A private key, a URL's user and password, the credentials of a header, keys of AWS and GitHub, a JSON web token."""
_HINT: Final = re.compile(
    rf"{WORDS}|requirepass|masterauth|identified|-----BEGIN|://|Bearer |Basic |AKIA|ASIA|gh[pousr]_|eyJ", re.IGNORECASE
)


def cleaned(text: str) -> str:
    """A text with marks in the place of secrets that its own words give away."""
    if not _HINT.search(text):
        return text
    return _LOOKS.sub(lambda found: hide(found[0]), _ELEMENT.sub(_element, _assigned(text)))


def _element(found: re.Match[str]) -> str:
    if is_about_a_secret(found["name"]) or _ALL_FILLED_IN.fullmatch(found["value"]):
        return found[0]
    return found["open"] + hide(found["value"])


def _assigned(text: str) -> str:
    parts: list[str] = []
    end = position = 0
    while found := _GIVEN.search(text, position):
        start = position = found.end()
        if not is_about_a_secret(found["name"] or found["bare"] or found["argument"] or ""):
            position = _end_of_value(text, found)
            if position > start:
                parts += [text[end:start], hide(text[start:position])]
                end = position
    return "".join([*parts, text[end:]])


def _end_of_value(text: str, found: re.Match[str]) -> int:
    """Where the value ends that begins where the match ends; there already, where it is no secret."""
    start = found.end()
    if ":" in (found["sign"] or "") and (block := _BLOCK.match(text, start)):
        return _end_of_block(text, found.start(), block.end())
    is_line = _is_open(text, found)
    nothing = _NO_SECRET.match(text, start)
    if nothing and (not is_line or nothing["quote"] or nothing["after"] or _ONLY_REMARKS.match(text, nothing.end())):
        is_literal = nothing["quote"].endswith("'") and "$" in nothing["inner"]
        if not is_literal:
            return start
    value = _QUOTED.match(text, start) or (_LINE if is_line else _WORD).match(text, start)
    return value.end() if value else start


def _is_open(text: str, found: re.Match[str]) -> bool:
    """Whether nothing says where an unquoted value ends, but the end of its line."""
    if found["argument"] or found["sql"]:
        return False
    if (found["sign"] or ":") != "=":
        return True
    line = max(text.rfind("\n", 0, found.start()) + 1, found.start() - 200)
    return _BEGINS_ITS_LINE.fullmatch(text, line, found.start()) is not None


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
