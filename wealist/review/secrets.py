"""Secrets that were seen, where they stand again, and what is shown in the place of each.

text ─ `Known.places` and the detectors of checks/secrets ─► `removed` puts a mark in the place of each secret
     ─► `readable`: `(sensitive value)`; two texts are equal where the secrets are
"""

import base64
import functools
import hashlib
import html
import ipaddress
import json
import re
import secrets
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import Final, Self

from wealist.model.plan_values import MASK

_KEY: Final = secrets.token_bytes(32)
_NONCE: Final = secrets.token_hex(8)
MARK: Final = rf"\x00{_NONCE}[0-9a-f]{{32}}\x00"
"""What stands in the place of a secret while a text is read: no plan can hold it, and it tells nothing."""
_MARK: Final = re.compile(MARK)

WINDOW: Final = 8
"""Characters of the shortest text that is searched for inside of others."""
TOKEN: Final = 6
"""Characters of the shortest text or number that is searched for as a whole token: `true` or `5432` says nothing."""
_DISTINCT: Final = 3
"""Letters and digits, of which a text has as many: a line of hyphens is no secret."""
_ACCOUNT: Final = 12
"""Digits of an account's id."""
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_RUN: Final = re.compile(r"[0-9A-Za-z]+")
_DECIMAL: Final = re.compile(r"(?<![0-9A-Za-z])\d+\.\d+(?![0-9A-Za-z])")
_PERCENT: Final = re.compile(r"%[0-9A-F]{2}")
_URL_SAFE: Final = str.maketrans("+/", "-_")
_PLAIN: Final = re.compile(
    r"arn:[\w-]+:[\w-]*:[\w-]*:(?:\d{12}|aws)?:\S*"
    r"|[a-z]+(?:-[a-z]+)*-[0-9a-f]{17}|\d{12}"
    r"|\d{1,5}-\d{1,5}|\d{4}-\d\d-\d\d"
    r"|(?:[A-Z]?[a-z]+(?:[A-Z][a-z]+)*|[A-Z]+)"
    r"|[a-z]+(?:_[a-z0-9]+)+|[A-Z]+(?:_[A-Z0-9]+)+"
    r"|[a-z0-9-]+:(?:\*|[A-Z][A-Za-z]*\*?)"
)
"""ARNs, ids of AWS and accounts, ranges of ports, dates, words (`SecureString`), names of attributes and actions."""


def digest(data: bytes) -> bytes:
    """Tells values apart, and gives nothing of them away: its key is of this process alone."""
    return hashlib.blake2b(data, key=_KEY, digest_size=16).digest()


def secret_mark(secret: str) -> str:
    """The mark that stands for a secret inside of a text."""
    return f"\x00{_NONCE}{digest(secret.encode(errors='surrogatepass')).hex()}\x00"


class Masked(str):
    """A text that is shown with `MASK` in the place of secrets; equal to another one where the secrets are, too.

    Attributes:
        marked: the text with the marks of `hide`.
    """

    __slots__ = ("marked",)
    marked: str

    def __new__(cls, marked: str) -> Self:
        """Show a text with marks."""
        text = super().__new__(cls, _MARK.sub(MASK, marked))
        text.marked = marked
        return text

    def __eq__(self, other: object) -> bool:
        """Whether the whole texts are equal, and not only what is shown."""
        return isinstance(other, Masked) and self.marked == other.marked

    def __ne__(self, other: object) -> bool:
        """The contrary: `str` has its own."""
        return not self == other

    def __hash__(self) -> int:
        """Of the whole text."""
        return hash(self.marked)


def render_marks(text: str) -> str:
    """A text without marks, as it is shown."""
    return Masked(text) if _MARK.search(text) else text


def split_lines(text: str) -> list[str]:
    """The lines of a text; each keeps what is masked in it."""
    whole = text.marked if isinstance(text, Masked) else text
    return [render_marks(line) for line in whole.splitlines()]


class SecretIndex:
    """Secrets that were seen, searched for in every other value: one marked as sensitive here may stand unmarked there.

    Attributes:
        texts: What was made of each text; most stand in a plan more than once.
        shown: What was made of what a text encodes.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        wanted = set(secrets)
        self._forms = {form for each in wanted for form in _forms(each)}
        self._tokens = {each for each in wanted if is_token(each)}
        self._forms |= {form for each in self._tokens for form in _encoded(each)}
        self._lengths: dict[str, list[int]] = {}
        for length, beginning in sorted({(len(form), form[:WINDOW]) for form in self._forms}, reverse=True):
            self._lengths.setdefault(beginning, []).append(length)
        self.texts: dict[str, str] = {}
        self.shown: dict[tuple[str, bool, int], object] = {}

    def holds(self, number: float) -> bool:
        """Return whether a number is a secret that was seen elsewhere."""
        return bool(self._tokens) and leaf_text(number) in self._tokens

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Return where each secret stands, from its start to its end. Places may overlap."""
        windows = self._lengths
        # Few beginnings are sooner looked for than all places of a long text.
        is_likely = len(windows) > len(text) or any(map(text.__contains__, windows))
        if is_likely and len(text) >= WINDOW:
            for start in [at for at in range(len(text) - WINDOW + 1) if text[at : at + WINDOW] in windows]:
                lengths = windows[text[start : start + WINDOW]]
                if length := next((each for each in lengths if text[start : start + each] in self._forms), 0):
                    yield start, start + length
        if self._tokens:
            for pattern in (_RUN, _DECIMAL):
                yield from (match.span() for match in pattern.finditer(text) if match[0] in self._tokens)


def leaf_text(value: str | float) -> str:
    """Return a leaf as it stands inside of a text: a number without its sign, a switch as `true` or `false`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else str(abs(value))


def replace_with_marks(text: str, places: Iterable[tuple[int, int]]) -> str:
    """Return a text with a mark for each place; of places that overlap, for all of them together."""
    parts: list[str] = []
    begun = end = 0
    for start, stop in sorted(places):
        if start >= end:
            parts += _part(text, begun, end, start)
            begun = start
        end = max(end, stop)
    return "".join([*parts, *_part(text, begun, end, len(text))]) if end else text


def _part(text: str, begun: int, end: int, following: int) -> tuple[str, str]:
    """A mark for what is hidden, and the text after it."""
    return secret_mark(text[begun:end]) if end > begun else "", text[end:following]


def is_searched_for(secret: str) -> bool:
    """Return whether a secret says so much that it cannot stand elsewhere by chance.

    Who writes `some_secret = "0.0.0.0/0"` would hide every rule of that network; so are words of AWS and of Terraform.
    """
    if _NUMBER.fullmatch(secret):
        return len(secret) >= WINDOW and is_token(secret)
    return (
        len(secret) >= WINDOW
        and len({each for each in secret if each.isalnum()}) >= _DISTINCT
        and not _PLAIN.fullmatch(secret)
        and not _is_network(secret)
    )


def is_token(text: str) -> bool:
    """Return whether a secret is searched for as a token, with nothing alphanumeric beside it.

    So is a number of six digits and more, but neither whole hundreds (seconds are) nor the id of an account; and a
    short word of both letters and digits.
    """
    if _NUMBER.fullmatch(text):
        digits = text.replace(".", "")
        return len(digits) >= TOKEN and not digits.endswith("00") and len(text) != _ACCOUNT
    return TOKEN <= len(text) < WINDOW and text.isascii() and text.isalnum() and not (text.isalpha() or text.isdigit())


def is_small(secret: str) -> bool:
    """Return whether a secret says too little to be searched for, and is no word that any plan holds."""
    if secret in {"true", "false"}:
        return True
    is_number = _NUMBER.fullmatch(secret) is not None and len(secret) != _ACCOUNT
    is_word = 0 < len(secret) < WINDOW and not (_PLAIN.fullmatch(secret) or _is_network(secret))
    return (is_number or is_word) and not (is_token(secret) or is_searched_for(secret))


def contains_word(text: str, word: str) -> bool:
    """Return whether a word stands in a text, with nothing alphanumeric beside it."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", text) is not None


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is searched for, and as it stands inside of JSON, a URL, HTML or base64."""
    if is_searched_for(secret):
        yield from (secret, *_escaped(secret), *_encoded(secret))


def _escaped(secret: str) -> Iterator[str]:
    """A secret inside of JSON, and of JSON in it: of Python's, and of Go's, which escapes what HTML would read."""
    for dumps in (json.dumps, functools.partial(json.dumps, ensure_ascii=False)):
        once = dumps(secret)[1:-1]
        for text in (once, once.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")):
            yield from (text, dumps(text)[1:-1])


def _encoded(secret: str) -> Iterator[str]:
    """A secret inside of a URL, of HTML, and of base64 wherever it begins in there; if that is long enough."""
    data = secret.encode(errors="surrogatepass")
    quoted = {urllib.parse.quote(data, safe=safe) for safe in ("", "/")} | {urllib.parse.quote_plus(data)}
    lower = {_PERCENT.sub(lambda match: match[0].lower(), each) for each in quoted}
    coded = [_in_base64(data, before) for before in range(3)]
    safe = [each.translate(_URL_SAFE) for each in coded]
    for form in {*quoted, *lower, html.escape(secret), *coded, *safe}:
        if len(form) >= WINDOW:
            yield form


def _in_base64(data: bytes, before: int) -> str:
    """The characters of base64 that bytes alone decide, which stand after 0, 1 or 2 others of a group of three."""
    text = base64.b64encode(b"\0" * before + data).decode()
    start = (0, 2, 3)[before]
    padding = text.count("=")
    return text[start : len(text) - padding - 1] if padding else text[start:]
