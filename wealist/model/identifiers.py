"""Identifiers of objects and hosts in the strings of a stack, recognized by their format.

"arn:aws:s3:::logs/*"            arn          "https://example.com/x"   url
"quay.io/prometheus/x:v1"        host         "290008131187"            account
"ami-0123456789abcdef0"          id           "203.0.113.7"             address
"resolve:ssm:/aws/service/x"     parameter

Only the literal text of Terraform's templates is searched; an interpolation reads `${}`:

"s3://${aws_s3_bucket.scripts.id}/x"             → "s3://${}/x"
'${var.role == "a" ? "b.example" : local.host}'  → "a", "b.example", "${}"
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast

Kind = Literal["arn", "url", "host", "account", "id", "address", "parameter"]
INTERPOLATION: Final = "${}"
"""Replaces each interpolation in a literal."""
_MARK: Final = re.compile(r'\$\$\{|%%\{|[$%]\{|\\.|["{}]', re.DOTALL)
_OPENS: Final = ("${", "%{")

_CHARACTERS: Final = r"(?:\$\{\}|[^\s\"'\\,<>(){}\[\]])"
_LABEL: Final = r"_?(?:\$\{\}|[A-Za-z0-9])(?:\$\{\}|[A-Za-z0-9-])*"
_IDS: Final = "acl|ami|cgw|eipalloc|eni|fs|i|igw|lt|nat|pcx|pl|rtb|sg|snap|subnet|tgw|vgw|vol|vpc|vpce|vpce-svc"
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IDENTIFIER: Final = re.compile(
    rf"(?P<arn>arn:{_CHARACTERS}+)"
    r"|resolve:ssm:(?P<parameter>[^\s\"'\\]+)"
    rf"|(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<url>{_CHARACTERS}+)"
    rf"|(?<![\w-])(?P<id>{_UUID}|(?:{_IDS})-[0-9a-f]{{8,17}}|mrk-[0-9a-f]{{32}}|Z(?=[A-Z]*\d)[0-9A-Z]{{11,31}})(?![\w-])"
    # After a slash it is a file name, after a hyphen the name of an option.
    rf"|(?<![\w./$-])(?P<host>(?:{_LABEL}\.)+(?:[A-Za-z]{{2,24}}|xn--[A-Za-z0-9-]+)(?![\w-]|\.\w)"
    rf"(?::\d+)?(?:/{_CHARACTERS}*)?)"
    r"|(?<!\w)(?P<account>\d{12})(?!\w)"
    r"|(?<![\w.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?![\w./-])"
)
_WORD: Final = re.compile(rf"{_CHARACTERS}+")
_HINT: Final = re.compile(r"arn:|://|ssm:|[a-z0-9}-]\.[A-Za-z]|\d{8}|-[0-9a-f]{8}|\d\.\d|Z[0-9A-Z]{11}")
"""Every identifier contains a match of this cheap pattern; most words contain none."""
_REFERENCE: Final = re.compile(r"\$\{[\w.-]+\}")


@dataclass(frozen=True)
class Identifier:
    """An identifier.

    Attributes:
        kind: The format that it has.
        text: The identifier: a URL without its scheme, a parameter without `resolve:ssm:`.
        scheme: The scheme of a URL: `https`, `s3`; empty for other kinds.
    """

    kind: Kind
    text: str
    scheme: str = ""

    def __str__(self) -> str:
        """Return the identifier for a message: `the host db.example.com`."""
        return f"the {self.kind} {self.scheme}{'://' if self.scheme else ''}{self.text}"


@lru_cache(maxsize=16384)
def identifiers_in(text: str) -> tuple[Identifier, ...]:
    """Return the identifiers in a string, including those inside its expressions, without Terraform references."""
    if not _HINT.search(text) or _REFERENCE.fullmatch(text):
        return ()
    return tuple(each for literal in literals(text) for word in _WORD.findall(literal) for each in _in_word(word))


@lru_cache(maxsize=16384)
def _in_word(word: str) -> tuple[Identifier, ...]:
    return tuple(map(_identifier, _IDENTIFIER.finditer(word))) if _HINT.search(word) else ()


def _identifier(match: re.Match[str]) -> Identifier:
    (kind,) = (kind for kind, text in match.groupdict().items() if text and kind != "scheme")
    return Identifier(cast("Kind", kind), match[kind].rstrip(".,;:"), match["scheme"] or "")


@lru_cache(maxsize=8192)
def literals(template: str) -> tuple[str, ...]:
    """Return the literal parts of a template string, including the strings inside its expressions."""
    if "${" not in template and "%{" not in template:
        return (template,)
    found: list[str] = []
    _read_template(template, 0, found, quoted=False)
    return tuple(found)


def _read_template(text: str, at: int, found: list[str], *, quoted: bool) -> int:
    """Read up to the closing quote, or to the end. Return the position after it."""
    parts, start = [], at
    while mark := _MARK.search(text, at):
        if mark[0] in _OPENS:
            parts += [text[start : mark.start()], INTERPOLATION]
            at = start = _read_expression(text, mark.end(), found)
        elif mark[0] == '"' and quoted:
            break
        else:
            # Only quoted strings have escape sequences.
            at = mark.start() + 1 if mark[0][0] == "\\" and not quoted else mark.end()
    end, after = (mark.start(), mark.end()) if mark else (len(text), len(text))
    found.append("".join([*parts, text[start:end]]))
    return after


def _read_expression(text: str, at: int, found: list[str]) -> int:
    """Read up to the closing brace of the expression. Return the position after it."""
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
