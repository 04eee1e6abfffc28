"""Names of objects and places that a string holds, recognised by their form.

"arn:aws:s3:::logs/*"            arn          "https://example.com/x"   url
"quay.io/prometheus/x:v1"        host         "290008131187"            account
"ami-0123456789abcdef0"          id           "203.0.113.7"             address
"resolve:ssm:/aws/service/x"     parameter
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast

from wealist.model.expressions import literals

Kind = Literal["arn", "url", "host", "account", "id", "address", "parameter"]
_CHARACTERS: Final = r"(?:\$\{\}|[^\s\"'\\,<>(){}\[\]])"
"""Of a name in a text; `${}` stands for what Terraform fills in."""
_LABEL: Final = r"_?(?:\$\{\}|[A-Za-z0-9])(?:\$\{\}|[A-Za-z0-9-])*"
_IDS: Final = "acl|ami|cgw|eipalloc|eni|fs|i|igw|lt|nat|pcx|pl|rtb|sg|snap|subnet|tgw|vgw|vol|vpc|vpce|vpce-svc"
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAME: Final = re.compile(
    rf"(?P<arn>arn:{_CHARACTERS}+)"
    r"|resolve:ssm:(?P<parameter>[^\s\"'\\]+)"
    rf"|(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<url>{_CHARACTERS}+)"
    rf"|(?<![\w-])(?P<id>{_UUID}|(?:{_IDS})-[0-9a-f]{{8,17}}|mrk-[0-9a-f]{{32}}|Z(?=[A-Z]*\d)[0-9A-Z]{{11,31}})(?![\w-])"
    # Behind a slash it is a file's name, behind a hyphen an option's.
    rf"|(?<![\w./$-])(?P<host>(?:{_LABEL}\.)+(?:[A-Za-z]{{2,24}}|xn--[A-Za-z0-9-]+)(?![\w-]|\.\w)"
    rf"(?::\d+)?(?:/{_CHARACTERS}*)?)"
    r"|(?<!\w)(?P<account>\d{12})(?!\w)"
    r"|(?<![\w.])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?![\w./-])"
)
_WORD: Final = re.compile(rf"{_CHARACTERS}+")
_HINT: Final = re.compile(r"arn:|://|ssm:|[a-z0-9}-]\.[A-Za-z]|\d{8}|-[0-9a-f]{8}|\d\.\d|Z[0-9A-Z]{11}")
"""One of these is in every name. Most strings and most words hold none, and to look for them is much faster."""
_REFERENCE: Final = re.compile(r"\$\{[\w.-]+\}")


@dataclass(frozen=True)
class Name:
    """A name.

    Attributes:
        kind: What its form tells.
        text: The name; of a URL without the scheme, of a parameter without `resolve:ssm:`.
        scheme: Of a URL: `https`, `s3`.
    """

    kind: Kind
    text: str
    scheme: str = ""

    def __str__(self) -> str:
        """Return it as a finding shows it: `the host db.example.com`."""
        return f"the {self.kind} {self.scheme}{'://' if self.scheme else ''}{self.text}"


@lru_cache(maxsize=16384)
def names_in(text: str) -> tuple[Name, ...]:
    """Return every name in a string, those in its expressions too, but no references."""
    if not _HINT.search(text) or _REFERENCE.fullmatch(text):
        return ()
    return tuple(name for literal in literals(text) for word in _WORD.findall(literal) for name in _names_of(word))


@lru_cache(maxsize=16384)
def _names_of(word: str) -> tuple[Name, ...]:
    """Return the names in a word. Most words stand in many strings."""
    return tuple(_name(found) for found in _NAME.finditer(word)) if _HINT.search(word) else ()


def _name(found: re.Match[str]) -> Name:
    (kind,) = (kind for kind, text in found.groupdict().items() if text and kind != "scheme")
    return Name(cast("Kind", kind), found[kind].rstrip(".,;:"), found["scheme"] or "")
