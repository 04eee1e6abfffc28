"""Secrets by how they look: known kinds of tokens, and strings that nobody would have chosen.

A name is made of words: its letters, capitals and digits stand in runs. In a random string one kind follows another at
nearly every other place. So a run of 20 or more characters without a gap is suspicious where the kind changes often:

    lower-case, capitals and digits   random strings change at 62 % of their places, CamelCase with digits at 35 % or so
    letters of one case and digits    hexadecimal at 47 %, base 36 at 40 %, base 32 at 31 %, names with numbers below 20

Entropy alone cannot tell them apart at this length: 20 random characters have 4.3 bits each at most, a path has 4.2. It
only keeps out what repeats (`0a0a0a…`). Without a digit nothing is judged; of 40 random letters and digits one string
in a thousand is without.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

_KINDS: Final = {
    "an AWS access key": r"(?:AKIA|ASIA)[A-Z2-7]{16}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "a GitHub token": r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}",
    "a JSON web token": r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+",
    "a password in a URL": r"\b[a-z][a-z0-9+.-]*://[^/\s:@$\"']*:[^/\s:@$\"']+@",
    "a Google key": r"AIza[\w-]{35}|GOCSPX-[\w-]{28}",
    "a Slack token": r"xox[abeoprs]-[\w-]{10,}",
}
"""What it is → how it looks, as its maker documents it."""
_ANY_KIND: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _KINDS.values()))
_RUN: Final = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_ALLOWED: Final = re.compile(
    # What CloudFront manages, by the ids that AWS documents:
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
    r"658327ea-f89d-4fab-a63d-7e88639e58f6|67f7725c-6f97-4210-82d7-5512b31e9d03"
    # What is public about certificates and keys: their ids, in an ARN.
    r"|arn:aws:(?:acm|kms):[a-z0-9-]+:\d{12}:(?:certificate|key)/[0-9a-f-]{36}"
    # Checksums of images, and of downloads by their architecture.
    r"|(?:sha256:|(?:sha256|x86_64|aarch64)\s*=\s*\")[0-9a-f]{64}\b"
)
"""What looks random and is no secret."""
_GAPS: Final = re.compile(r"[+/=_-]+")
_SHORTEST_PIECE: Final = 6
"""Between hyphens, shorter ones are words such as `ec2` and `s3`."""
_SHORTEST: Final = 16
_CHANGES_OF_THREE: Final = 0.40
_CHANGES_OF_TWO: Final = 0.22
_LEAST_BITS: Final = 3.0


def secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """Each secret that a text shows: what it is, and its beginning, which is all that may be told of it."""
    if found := _ANY_KIND.search(text):
        kind = next(kind for kind, pattern in _KINDS.items() if re.search(pattern, found[0]))
        yield kind, beginning(found[0])
    runs = _RUN.findall(text)
    if any(map(looks_random, runs)):
        for run in _RUN.findall(_ALLOWED.sub(" ", text)):
            if looks_random(run) and not _ANY_KIND.search(run):
                yield "a string of high entropy", beginning(run)


def beginning(secret: str) -> str:
    """As much of a secret as helps to find it."""
    return f"{secret[:6]}… ({len(secret)} characters)"


@lru_cache(maxsize=8192)
def looks_random(run: str) -> bool:
    """Whether a run of characters is one that nobody would have chosen."""
    pieces = (piece for piece in _GAPS.split(run) if len(piece) >= _SHORTEST_PIECE)
    kinds = "".join("d" if each.isdigit() else "u" if each.isupper() else "l" for piece in pieces for each in piece)
    if len(kinds) < _SHORTEST or "d" not in kinds or len(set(kinds)) == 1:
        return False
    changes = sum(one != other for one, other in pairwise(kinds)) / (len(kinds) - 1)
    least = _CHANGES_OF_THREE if len(set(kinds)) > 2 else _CHANGES_OF_TWO  # noqa: PLR2004  two kinds, or all three
    return changes >= least and entropy(run) >= _LEAST_BITS


def entropy(text: str) -> float:
    """Shannon's entropy in bits for each character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
