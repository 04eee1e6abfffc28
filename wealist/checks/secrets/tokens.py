"""Detect secrets by their characters: known token formats, and strings that look random.

shapes.toml lists the known formats.

Names consist of words: their lower-case letters, capitals and digits form runs. In a random string the kind of
character changes at almost every position. A run of 20 or more characters without a gap is reported where the kind
changes often:

    all three kinds and punctuation   random strings change at 71 % of their positions
    lower case, capitals and digits   random strings change at 62 %, CamelCase with digits at about 35 %
    letters of one case and digits    hexadecimal at 47 %, base 36 at 40 %, base 32 at 31 %, names with numbers below 20

Entropy alone does not separate them at this length: 20 random characters have at most 4.3 bits each, a path has 4.2. It
only excludes repetition (`0a0a0a…`). Strings without a digit are not reported; one in a thousand strings of 40 random
letters and digits has none.
"""

import functools
import math
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

_PATH: Final = Path(__file__).with_name("shapes.toml")
SUBSTITUTION: Final = (
    r"(?:(?>\$\((?:[^()\n]|\([^()\n]*\))*\)|\$\([^\n]*)"
    r"|\$\{\{[^}\n]*\}\}|\$\{[!#]?\w+(?:\[[^\]\n]*\])?(?::?[-=+](?:\$\w+)?|[#%/^,][^}\n]*|:?\?[^}\n]*)?\}|\$\w+|\$[@*#?$!]"
    r"|`[^`\n]*`|\{\{[^}\n]*\}\}|<[\w .:-]+>|%\w\b|%\(\w+\)s)"
)
"""A pattern of what a shell or a template replaces: `$PASSWORD`, `${PASSWORD:?}`, `{{ password }}`, `$(pwgen)`."""
_ONLY_SUBSTITUTIONS: Final = re.compile(rf"(?:{SUBSTITUTION}[:/@.]?)+")
_SHORTEST_TOKEN: Final = 12
"""Characters of the shortest text that any known format matches."""

_RUN: Final = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_SHORTEST_RUN: Final = 20
_SECRET_ACCESS_KEY: Final = 40
"""Characters of an AWS secret access key, which may contain words."""
_CHANGES_OF_ACCESS_KEY: Final = 0.40
_PUNCTUATED: Final = re.compile(r"[A-Za-z0-9!@#$%^&*.,:;?~+=_-]{24,}")
"""Characters of generated passwords, without those that delimit strings: quotes, brackets, slashes."""
_PUNCTUATION: Final = re.compile(r"[!@#%^&;?~]")
"""Punctuation that is rare in JSON outside passwords."""
_DISTINCT_PUNCTUATION: Final = 2
_CHANGES_OF_FOUR: Final = 0.50
_ALLOWED: Final = re.compile(
    # UUIDs, most of them ids of AWS or Terraform objects; references.foreign checks what they name.
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    # Checksums of images, and of downloads by architecture.
    r"|(?:sha256:|(?:sha256|x86_64|aarch64)\s*=\s*\")[0-9a-f]{64}\b"
)
"""Strings that look random and are not secrets."""
_GAPS: Final = re.compile(r"[+/=_-]+")
_SHORTEST_PIECE: Final = 6
"""Shorter pieces between gaps are words such as `ec2` and `s3`."""
_CAMEL: Final = re.compile(r"(?:[A-Z][a-z]+\d?)+")
"""CamelCase such as `Ec2TagFilter`; fewer than one in a million of 20 random letters and digits match."""
_SHORTEST: Final = 16
_KIND: Final = str.maketrans(
    dict.fromkeys(map(chr, range(128)), "p")
    | dict.fromkeys(string.digits, "d")
    | dict.fromkeys(string.ascii_uppercase, "u")
    | dict.fromkeys(string.ascii_lowercase, "l")
)
_ALPHANUMERIC: Final = frozenset("dul")
_CHANGES_OF_THREE: Final = 0.40
_CHANGES_OF_TWO: Final = 0.22
_LEAST_BITS: Final = 3.0


@functools.cache
def secret_patterns() -> dict[str, Any]:
    """Return the content of shapes.toml."""
    return tomllib.loads(_PATH.read_text(encoding="utf-8"))


class SecretSpan(NamedTuple):
    """The position of a secret in a text, and what kind of secret it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Format:
    kind: str
    pattern: re.Pattern[str]

    def spans(self, text: str) -> Iterator[SecretSpan]:
        group = "secret" if "secret" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            if not is_substitution(match[group]):
                yield SecretSpan(*match.span(group), self.kind)


@functools.cache
def _formats_by_hint() -> dict[str, tuple[_Format, ...]]:
    """Return the known formats by the short strings that their matches contain."""
    found: dict[str, tuple[_Format, ...]] = {}
    for row in secret_patterns()["shape"]:
        known = _Format(row["name"], re.compile(row["pattern"], re.DOTALL | re.VERBOSE))
        for hint in row["hints"]:
            found[hint] = (*found.get(hint, ()), known)
    return found


def is_substitution(text: str) -> bool:
    """Return whether a shell or a template replaces all of a text."""
    return _ONLY_SUBSTITUTIONS.fullmatch(text) is not None


def known_tokens(text: str) -> Iterator[SecretSpan]:
    """Yield each secret of a known format. Spans may overlap."""
    if len(text) >= _SHORTEST_TOKEN:
        hints = filter(text.__contains__, _formats_by_hint())
        for known in dict.fromkeys(each for hint in hints for each in _formats_by_hint()[hint]):
            yield from known.spans(text)


def secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield each secret in a text: its kind, and a preview that is safe to print."""
    for start, end, kind in known_tokens(text):
        if "$" not in text[start:end]:
            yield kind, preview(text[start:end])
    if any(True for _ in _random_runs(text)):
        for run in _random_runs(_ALLOWED.sub(" ", text)):
            if not any(known_tokens(run)):
                yield "a string of high entropy", preview(run)


def preview(secret: str) -> str:
    """Return the first characters of a secret and its length."""
    return f"{secret[:6]}… ({len(secret)} characters)"


def _random_runs(text: str) -> Iterator[str]:
    if len(text) >= _SHORTEST_RUN:
        for run in _RUN.findall(text):
            if looks_random(run) or any(map(_looks_like_access_key, run.split("="))):
                yield run
        if _PUNCTUATION.search(text):
            yield from filter(_looks_like_password, _PUNCTUATED.findall(text))


@functools.lru_cache(maxsize=8192)
def looks_random(run: str) -> bool:
    """Return whether a run of letters, digits and gaps looks random."""
    kinds = _kinds("".join(piece for piece in _GAPS.split(run) if len(piece) >= _SHORTEST_PIECE))
    if len(kinds) < _SHORTEST or "d" not in kinds or len(set(kinds)) == 1 or _CAMEL.fullmatch(run):
        return False
    least = _CHANGES_OF_THREE if set(kinds) == _ALPHANUMERIC else _CHANGES_OF_TWO
    return _changes(kinds) >= least and entropy(run) >= _LEAST_BITS


def _looks_like_access_key(run: str) -> bool:
    if len(run) != _SECRET_ACCESS_KEY or "-" in run or "_" in run:
        return False
    kinds = _kinds(run)
    return set(kinds) >= _ALPHANUMERIC and _changes(kinds) >= _CHANGES_OF_ACCESS_KEY


@functools.lru_cache(maxsize=8192)
def _looks_like_password(run: str) -> bool:
    """Return whether letters, digits and punctuation alternate too often for a name or an address."""
    kinds = _kinds(run)
    punctuation = {each for each, kind in zip(run, kinds, strict=True) if kind == "p"}
    is_mixed = set(kinds) >= _ALPHANUMERIC and len(punctuation) >= _DISTINCT_PUNCTUATION
    return is_mixed and _changes(kinds) >= _CHANGES_OF_FOUR


def _kinds(text: str) -> str:
    """Return each character's kind: `d` digit, `u` capital, `l` lower-case letter, `p` punctuation."""
    return text.translate(_KIND)


def _changes(kinds: str) -> float:
    """Return the share of positions at which the kind changes."""
    return sum(one != other for one, other in pairwise(kinds)) / (len(kinds) - 1)


def entropy(text: str) -> float:
    """Return Shannon's entropy in bits per character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
