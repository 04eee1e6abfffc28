"""What is taken for a secret where Terraform does not say so: by the name it stands under, or by its looks."""

import functools
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

MASK: Final = "(sensitive value)"

_WORDS: Final = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret|(?<!http_)token|credential|(?:api|private|access|signing|auth)[_-]?key)"
)
_SECRET_NAME: Final = re.compile(_WORDS, re.IGNORECASE)
_ABOUT_A_SECRET: Final = re.compile(
    r"(?:^|[_-])(?:arn|ids?|names?|types?|versions?|enabled|length|days|status|state|path|policy|strategy|endpoint"
    r"|required|validity|units?)$|:",
    re.IGNORECASE,
)
"""Names that say something about a secret and hold none; IAM's condition keys (`token.actions…:sub`) among them."""

_VALUE: Final = r"(?P<value>\\?\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^\s\"']+)"
_SIGN: Final = r"(?P<sign>\\?[\"']\s*:\s*|\s*=\s*|:[ \t]+)"
_ASSIGNED: Final = re.compile(rf"(?P<name>{_WORDS}[\w-]{{0,64}}){_SIGN}{_VALUE}", re.IGNORECASE)
_ARGUMENT: Final = re.compile(
    rf"(?P<name>--[\w-]{{0,40}}?{_WORDS}[\w-]{{0,40}})(?P<sign>[ \t]+)(?!-){_VALUE}", re.IGNORECASE
)
_FILLED_IN_LATER: Final = re.compile(r"[\"']?(?:\$(?!\{\w+:-[^}])|`|<|\{\{)|[\"']{2}$")
"""Values that a shell or a template fills in, and empty ones."""
_LOOKS: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^/\s:@]{0,200}:[^/\s@]{1,200}(?=@)"
    r"|(?<=Bearer )[\w.~+/=-]{8,}|(?<=Basic )[\w+/=]{8,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{20,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*",
    re.DOTALL,
)
"""A private key, a URL's user and password, the credentials of a header, keys of AWS and GitHub, a JSON web token."""
_HINT: Final = re.compile(rf"{_WORDS}|-----BEGIN|://|Bearer |Basic |AKIA|ASIA|gh[pousr]_|eyJ", re.IGNORECASE)

WINDOW: Final = 8
"""Shorter values are not searched for elsewhere: `true` or `5432` is no secret by itself."""


@functools.lru_cache(maxsize=65_536)
def is_secret_name(name: str) -> bool:
    """Whether a value of this name is a secret: `db_password` is, `secret_arn` is not."""
    return bool(_SECRET_NAME.search(name)) and not is_about_a_secret(name)


@functools.lru_cache(maxsize=65_536)
def is_about_a_secret(name: str) -> bool:
    """Whether a value of this name only says something about a secret: `arn` below `master_user_secret`."""
    return bool(_ABOUT_A_SECRET.search(name))


def cleaned(text: str) -> str:
    """A text without the secrets that its own words give away: `PASSWORD=…`, a private key, `https://user:…@`."""
    if not _HINT.search(text):
        return text
    return _LOOKS.sub(MASK, _ARGUMENT.sub(_assignment, _ASSIGNED.sub(_assignment, text)))


def _assignment(found: re.Match[str]) -> str:
    if is_about_a_secret(found["name"]) or _FILLED_IN_LATER.match(found["value"]):
        return found[0]
    return found["name"] + found["sign"] + MASK


class Known:
    """Secrets that were seen, searched for in every other text: one marked as sensitive here may stand unmarked there.

    Looks at each place of a text once, however many secrets there are.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = {secret for secret in secrets if len(secret) >= WINDOW}
        self._lengths = sorted({len(secret) for secret in self._secrets}, reverse=True)
        beginnings = sorted({secret[:WINDOW] for secret in self._secrets})
        self._beginning = re.compile(f"(?=({_any_of(beginnings)}))", re.DOTALL) if beginnings else None
        self.shown: dict[tuple[str, bool], object] = {}
        """What was made of each text: most stand in a plan more than once."""

    def removed_from(self, text: str) -> str:
        """The text with each of the secrets masked."""
        if self._beginning is None or len(text) < WINDOW or not self._beginning.search(text):
            return text
        parts: list[str] = []
        end = 0
        for place in self._beginning.finditer(text):
            start = place.start()
            lengths = (each for each in self._lengths if text[start : start + each] in self._secrets)
            if start >= end and (length := next(lengths, 0)):
                parts += [text[end:start], MASK]
                end = start + length
        return "".join([*parts, text[end:]])


def _any_of(words: list[str]) -> str:
    """A pattern of words of one length, as a tree: searched for at once, and not one after another."""
    if len(words) == 1:
        return re.escape(words[0])
    branches = []
    for letter, group in groupby(words, key=lambda word: word[:1]):
        branches.append(re.escape(letter) + _any_of([word[1:] for word in group]))
    return f"(?:{'|'.join(branches)})"
