"""What is taken for a secret by its name, secrets that were seen, and what is shown in the place of each.

text → `hide` puts a mark in the place of each secret → `readable`: `(sensitive value)`, and apart where the secrets are
"""

import functools
import hashlib
import ipaddress
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, Self

from wealist.model.plan_values import MASK

_KEY: Final = secrets.token_bytes(32)
_NONCE: Final = secrets.token_hex(8)
MARK: Final = rf"\x00{_NONCE}[0-9a-f]{{32}}\x00"
"""What stands in the place of a secret while a text is read: no plan can hold it, and it tells nothing."""
_MARK: Final = re.compile(MARK)

WORDS: Final = (
    r"(?:passw(?:or)?d|passphrase|pwd|secret|(?<!http_)token|credential"
    r"|(?:(?<![a-z])|(?<=pg))pass(?![a-z])|(?-i:(?<=[a-z])Pass(?![a-z]))"
    r"|(?:api|private|access|signing|auth|encryption|decryption|shared)[_-]?key)"
)
"""Within a name, and whatever their case, these say that its value is a secret: `bypass` does not, `db_pass` does."""
_SECRET_NAME: Final = re.compile(WORDS, re.IGNORECASE)
_ABOUT_A_SECRET: Final = re.compile(
    r"(?:^|[_.-])(?:arn|ids?|names?|types?|versions?|enabled|length|days|status|state|path|policy|strategy|endpoint"
    r"|required|validity|units?|seconds|refs?|from)$|(?-i:(?<=[a-z])(?:Refs?|From)$)",
    re.IGNORECASE,
)
_CONDITION_KEY: Final = re.compile(
    r"(?:aws|ec2|iam|kms|rds|s3|secretsmanager|ssm|sts):[A-Z][\w-]*(?:/.*)?|[\w-]+(?:\.[\w-]+)+(?:/[\w./-]+)?:\w+"
)
"""Of IAM: `aws:TokenIssueTime`, `token.actions.githubusercontent.com:sub`."""

_ARN: Final = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:\d*:\S+")

WINDOW: Final = 8
"""Shorter values are not searched for elsewhere: `true` or `5432` is no secret by itself."""
_PLAIN: Final = re.compile(
    r"arn:[\w-]+:[\w-]*:[\w-]*:(?:\d{12}|aws)?:\S*"
    r"|[a-z]+(?:-[a-z]+)*-[0-9a-f]{17}|\d{12}"
    r"|\d{1,5}-\d{1,5}|\d{4}-\d\d-\d\d"
    r"|(?:[A-Z]?[a-z]+(?:[A-Z][a-z]+)*|[A-Z]+)"
    r"|[a-z]+(?:_[a-z0-9]+)+|[A-Z]+(?:_[A-Z0-9]+)+"
    r"|[a-z0-9-]+:(?:\*|[A-Z][A-Za-z]*\*?)"
)
"""ARNs, ids of AWS and accounts, ranges of ports, dates, words (`SecureString`), names of attributes and actions."""


@functools.lru_cache(maxsize=65_536)
def is_secret_name(name: str) -> bool:
    """Whether a value of this name is a secret: `db_password` is, `secret_arn` is not."""
    return bool(_SECRET_NAME.search(name)) and not is_about_a_secret(name)


@functools.lru_cache(maxsize=65_536)
def is_about_a_secret(name: str) -> bool:
    """Whether a value of this name only says something about a secret: `arn` below `master_user_secret`."""
    return bool(_ABOUT_A_SECRET.search(name) or _CONDITION_KEY.fullmatch(name))


def is_arn(text: str) -> bool:
    """Whether a text is an ARN: it says which secret is meant, and is none itself."""
    return bool(_ARN.fullmatch(text))


def digest(data: bytes) -> bytes:
    """Tells values apart, and gives nothing of them away: its key is of this process alone."""
    return hashlib.blake2b(data, key=_KEY, digest_size=16).digest()


def hide(secret: str) -> str:
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


def readable(text: str) -> str:
    """A text without marks, as it is shown."""
    return Masked(text) if _MARK.search(text) else text


def lines(text: str) -> list[str]:
    """The lines of a text; each keeps what is masked in it."""
    whole = text.marked if isinstance(text, Masked) else text
    return [readable(line) for line in whole.splitlines()]


class Known:
    """Secrets that were seen, searched for in every other text: one marked as sensitive here may stand unmarked there.

    Looks at each place of a text once, however many secrets there are.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        wanted = {secret for secret in secrets if is_searched_for(secret)}
        self._secrets = {form for secret in wanted for form in (secret, *_escaped(secret))}
        self._lengths = sorted({len(secret) for secret in self._secrets}, reverse=True)
        beginnings = sorted({secret[:WINDOW] for secret in self._secrets})
        self._beginning = re.compile(f"(?=({_any_of(beginnings)}))", re.DOTALL) if beginnings else None
        self.texts: dict[str, str] = {}
        self.shown: dict[tuple[str, bool, int], object] = {}
        """What was made of each text, and of what it encodes: most stand in a plan more than once."""

    def removed_from(self, text: str) -> str:
        """The text with the mark of each of the secrets in its place."""
        if self._beginning is None or len(text) < WINDOW or not self._beginning.search(text):
            return text
        parts: list[str] = []
        end = 0
        for place in self._beginning.finditer(text):
            start = place.start()
            lengths = (each for each in self._lengths if text[start : start + each] in self._secrets)
            if start >= end and (length := next(lengths, 0)):
                parts += [text[end:start], hide(text[start : start + length])]
                end = start + length
        return "".join([*parts, text[end:]])


def is_searched_for(secret: str) -> bool:
    """Whether a secret tells so much that it cannot stand elsewhere by chance.

    Who writes `some_secret = "0.0.0.0/0"` would hide every rule of that network; so are words of AWS and of Terraform.
    """
    return len(secret) >= WINDOW and not _PLAIN.fullmatch(secret) and not _is_network(secret)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def _escaped(secret: str) -> Iterator[str]:
    """A secret as it stands inside of JSON: of Python's, and of Go's, which escapes what HTML would read."""
    for text in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield text
        yield text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _any_of(words: list[str]) -> str:
    """A pattern of words of one length, as a tree: searched for at once, and not one after another."""
    if len(words) == 1:
        return re.escape(words[0])
    branches = []
    for letter, group in groupby(words, key=lambda word: word[:1]):
        branches.append(re.escape(letter) + _any_of([word[1:] for word in group]))
    return f"(?:{'|'.join(branches)})"
