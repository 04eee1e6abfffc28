"""Secrets by how they look: well-known shapes, and strings that nobody would have chosen.

A name is made of words: its letters, capitals and digits stand in runs. In a random string one kind follows another at
nearly every other place. So a run of 20 or more characters without a gap is suspicious where the kind changes often:

    all three and punctuation         random strings change at 71 % of their places
    lower-case, capitals and digits   random strings change at 62 % of their places, CamelCase with digits at 35 % or so
    letters of one case and digits    hexadecimal at 47 %, base 36 at 40 %, base 32 at 31 %, names with numbers below 20

Entropy alone cannot tell them apart at this length: 20 random characters have 4.3 bits each at most, a path has 4.2. It
only keeps out what repeats (`0a0a0a…`). Without a digit nothing is judged; of 40 random letters and digits one string
in a thousand is without.
"""

import math
import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

from wealist.checks.secrets.shapes import known

_RUN: Final = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_ACCESS_KEYS_SECRET: Final = 40
"""Characters of the other half of an access key, in which a word may stand."""
_CHANGES_BESIDE_A_WORD: Final = 0.40
_PUNCTUATED: Final = re.compile(r"[A-Za-z0-9!@#$%^&*.,:;?~+=_-]{24,}")
"""What a generated password may be made of, but for what stands around strings: quotes, brackets, slashes."""
_MARKED: Final = re.compile(r"[!@#%^&;?~]")
"""Marks that hardly stand in JSON otherwise."""
_CHANGES_OF_FOUR: Final = 0.50
_ALLOWED: Final = re.compile(
    # Ids, of which most name something that AWS or Terraform made: references.foreign asks what they name.
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    # Checksums of images, and of downloads by their architecture.
    r"|(?:sha256:|(?:sha256|x86_64|aarch64)\s*=\s*\")[0-9a-f]{64}\b"
)
"""What looks random and is no secret."""
_GAPS: Final = re.compile(r"[+/=_-]+")
_SHORTEST_PIECE: Final = 6
"""Between hyphens, shorter ones are words such as `ec2` and `s3`."""
_CAMEL: Final = re.compile(r"(?:[A-Z][a-z]+\d?)+")
"""Words as classes are named, such as `Ec2TagFilter`: of 20 random letters and digits, not one in a million is so."""
_SHORTEST: Final = 16
_SHORTEST_RUN: Final = 20
_MARKS: Final = 1
_KIND: Final = str.maketrans(
    dict.fromkeys(map(chr, range(128)), "p")
    | dict.fromkeys(string.digits, "d")
    | dict.fromkeys(string.ascii_uppercase, "u")
    | dict.fromkeys(string.ascii_lowercase, "l")
)
_CHANGES_OF_THREE: Final = 0.40
_CHANGES_OF_TWO: Final = 0.22
_LEAST_BITS: Final = 3.0


def secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """Each secret that a text shows: what it is, and its beginning, which is all that may be shown of it."""
    for start, end, kind in known(text):
        if "$" not in text[start:end]:
            yield kind, beginning(text[start:end])
    if any(True for _ in _random_in(text)):
        for run in _random_in(_ALLOWED.sub(" ", text)):
            if not any(known(run)):
                yield "a string of high entropy", beginning(run)


def _random_in(text: str) -> Iterator[str]:
    """Every run of characters that nobody would have chosen."""
    if len(text) >= _SHORTEST_RUN:
        for run in _RUN.findall(text):
            if looks_random(run) or any(map(_looks_like_a_key, run.split("="))):
                yield run
        if _MARKED.search(text):
            yield from filter(looks_punctuated, _PUNCTUATED.findall(text))


def _looks_like_a_key(run: str) -> bool:
    if len(run) != _ACCESS_KEYS_SECRET or "-" in run or "_" in run:
        return False
    kinds = _kinds(run)
    return {"d", "u", "l"} <= set(kinds) and _changes(kinds) >= _CHANGES_BESIDE_A_WORD


@lru_cache(maxsize=8192)
def looks_punctuated(run: str) -> bool:
    """Whether letters, digits and several marks alternate as in no name and no address."""
    kinds = _kinds(run)
    marks = {each for each, kind in zip(run, kinds, strict=True) if kind == "p"}
    return {"d", "u", "l"} <= set(kinds) and len(marks) > _MARKS and _changes(kinds) >= _CHANGES_OF_FOUR


def beginning(secret: str) -> str:
    """As much of a secret as helps to find it."""
    return f"{secret[:6]}… ({len(secret)} characters)"


@lru_cache(maxsize=8192)
def looks_random(run: str) -> bool:
    """Whether a run of characters is one that nobody would have chosen."""
    kinds = _kinds("".join(piece for piece in _GAPS.split(run) if len(piece) >= _SHORTEST_PIECE))
    if len(kinds) < _SHORTEST or "d" not in kinds or len(set(kinds)) == 1 or _CAMEL.fullmatch(run):
        return False
    least = _CHANGES_OF_THREE if len(set(kinds)) > 2 else _CHANGES_OF_TWO  # noqa: PLR2004  two kinds, or all three
    return _changes(kinds) >= least and entropy(run) >= _LEAST_BITS


def _kinds(text: str) -> str:
    """Each character as `d` digit, `u` capital, `l` lower-case letter or `p` punctuation."""
    return text.translate(_KIND)


def _changes(kinds: str) -> float:
    """The part of the places where one kind follows another."""
    return sum(one != other for one, other in pairwise(kinds)) / (len(kinds) - 1)


def entropy(text: str) -> float:
    """Shannon's entropy in bits for each character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
