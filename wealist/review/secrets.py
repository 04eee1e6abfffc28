"""Find known secrets in texts, and replace them.

text ─ `SecretIndex.spans` and the detectors of checks/secrets ─► `replace_with_marks`: a mark in place of each secret
     ─► `render_marks`: `(sensitive value)`; two texts are equal only if their secrets are
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

from wealist.model.values import MASK

_KEY: Final = secrets.token_bytes(32)
_NONCE: Final = secrets.token_hex(8)
MARK: Final = rf"\x00{_NONCE}[0-9a-f]{{32}}\x00"
"""Pattern of the mark in place of a secret. It has a random prefix, so no plan contains one, and reveals nothing."""
_MARK: Final = re.compile(MARK)

WINDOW: Final = 8
"""Minimum length of a secret that is searched for as a substring."""
TOKEN: Final = 6
"""Minimum length of a secret that is searched for as a whole token; `true` or `5432` would match by chance."""
_DISTINCT: Final = 3
"""Minimum number of different letters and digits; a line of hyphens is no secret."""
_ACCOUNT: Final = 12
"""Digits of an account id."""
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
"""Texts that are no secrets: ARNs, ids, port ranges, dates, words (`SecureString`), names of attributes and actions."""


def digest(data: bytes) -> bytes:
    """Return a digest that distinguishes values without revealing them; its key is random for each process."""
    return hashlib.blake2b(data, key=_KEY, digest_size=16).digest()


def secret_mark(secret: str) -> str:
    """Return the mark that replaces a secret within a text."""
    return f"\x00{_NONCE}{digest(secret.encode(errors='surrogatepass')).hex()}\x00"


class Masked(str):
    """A text with `MASK` in place of secrets. Two are equal only if their secrets are.

    Attributes:
        marked: The text with marks in place of secrets.
    """

    __slots__ = ("marked",)
    marked: str

    def __new__(cls, marked: str) -> Self:
        """Replace the marks of a text by `MASK`."""
        text = super().__new__(cls, _MARK.sub(MASK, marked))
        text.marked = marked
        return text

    def __eq__(self, other: object) -> bool:
        """Compare the texts including their secrets."""
        return isinstance(other, Masked) and self.marked == other.marked

    def __ne__(self, other: object) -> bool:
        """Override `str.__ne__`, which would compare the shown texts."""
        return not self == other

    def __hash__(self) -> int:
        """Hash the text including its secrets."""
        return hash(self.marked)


def render_marks(text: str) -> str:
    """Return a text with `MASK` in place of marks."""
    return Masked(text) if _MARK.search(text) else text


def split_lines(text: str) -> list[str]:
    """Split a text into lines; each keeps its masked secrets."""
    whole = text.marked if isinstance(text, Masked) else text
    return [render_marks(line) for line in whole.splitlines()]


class SecretIndex:
    """An index that finds secrets in other values, where Terraform does not mark them as sensitive.

    Attributes:
        texts: Cache: text → the text without secrets. Most texts occur in a plan more than once.
        shown: Cache: text and its context → the decoded value without secrets.
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

    def contains(self, number: float) -> bool:
        """Return whether a number is one of the secrets."""
        return bool(self._tokens) and leaf_text(number) in self._tokens

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each secret in a text. Spans may overlap."""
        windows = self._lengths
        # Searching for a few prefixes is faster than looking up every position of a long text.
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
    """Return a leaf as it appears within a text: a number without its sign, a boolean as `true` or `false`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else str(abs(value))


def replace_with_marks(text: str, places: Iterable[tuple[int, int]]) -> str:
    """Return a text with each span replaced by a mark; overlapping spans get a single one."""
    parts: list[str] = []
    begun = end = 0
    for start, stop in sorted(places):
        if start >= end:
            parts += _part(text, begun, end, start)
            begun = start
        end = max(end, stop)
    return "".join([*parts, *_part(text, begun, end, len(text))]) if end else text


def _part(text: str, begun: int, end: int, following: int) -> tuple[str, str]:
    """Return the mark for a span, and the text after it."""
    return secret_mark(text[begun:end]) if end > begun else "", text[end:following]


def is_searched_for(secret: str) -> bool:
    """Return whether a secret is too distinctive to occur elsewhere by chance.

    Networks and words of AWS and Terraform are not: `some_secret = "0.0.0.0/0"` would hide every rule of that network.
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
    """Return whether a secret is searched for as a token, with nothing alphanumeric next to it.

    Tokens are numbers of at least `TOKEN` digits, except multiples of 100 (durations in seconds) and account ids; and
    words of letters and digits that are shorter than `WINDOW`.
    """
    if _NUMBER.fullmatch(text):
        digits = text.replace(".", "")
        return len(digits) >= TOKEN and not digits.endswith("00") and len(text) != _ACCOUNT
    return TOKEN <= len(text) < WINDOW and text.isascii() and text.isalnum() and not (text.isalpha() or text.isdigit())


def is_small(secret: str) -> bool:
    """Return whether a secret is too short to be searched for, but is not a word that any plan contains."""
    if secret in {"true", "false"}:
        return True
    is_number = _NUMBER.fullmatch(secret) is not None and len(secret) != _ACCOUNT
    is_word = 0 < len(secret) < WINDOW and not (_PLAIN.fullmatch(secret) or _is_network(secret))
    return (is_number or is_word) and not (is_token(secret) or is_searched_for(secret))


def contains_word(text: str, word: str) -> bool:
    """Return whether a text contains a word with nothing alphanumeric next to it."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", text) is not None


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret, and its forms within JSON, URLs, HTML and base64."""
    if is_searched_for(secret):
        yield from (secret, *_escaped(secret), *_encoded(secret))


def _escaped(secret: str) -> Iterator[str]:
    """Yield the forms of a secret in JSON, and in JSON within JSON. Go also escapes `<`, `>` and `&`."""
    for dumps in (json.dumps, functools.partial(json.dumps, ensure_ascii=False)):
        once = dumps(secret)[1:-1]
        for text in (once, once.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")):
            yield from (text, dumps(text)[1:-1])


def _encoded(secret: str) -> Iterator[str]:
    """Yield the forms of a secret in URLs, HTML and base64 that have at least `WINDOW` characters."""
    data = secret.encode(errors="surrogatepass")
    quoted = {urllib.parse.quote(data, safe=safe) for safe in ("", "/")} | {urllib.parse.quote_plus(data)}
    lower = {_PERCENT.sub(lambda match: match[0].lower(), each) for each in quoted}
    coded = [_in_base64(data, before) for before in range(3)]
    safe = [each.translate(_URL_SAFE) for each in coded]
    for form in {*quoted, *lower, html.escape(secret), *coded, *safe}:
        if len(form) >= WINDOW:
            yield form


def _in_base64(data: bytes, before: int) -> str:
    """Return the base64 characters that depend on the data alone, if 0, 1 or 2 bytes precede it in its group."""
    text = base64.b64encode(b"\0" * before + data).decode()
    start = (0, 2, 3)[before]
    padding = text.count("=")
    return text[start : len(text) - padding - 1] if padding else text[start:]
