"""The actions that read or write what a resource holds: the rows of data_access.toml, whose head describes the columns.

data_access.toml ─► accesses()["sqs:SendMessage"] ─► Access(reads=False, key=("kms:Decrypt", "kms:GenerateDataKey"))
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

PATH: Final = Path(__file__).with_suffix(".toml")


class Access(NamedTuple):
    """What an action does with data.

    Attributes:
        reads: Whether it reads; otherwise it writes.
        key: KMS actions that the caller needs where the data is encrypted with a key of our own.
    """

    reads: bool
    key: tuple[str, ...]


@cache
def accesses() -> Mapping[str, Access]:
    """`service:Action` → what it does."""
    return {action: access for service, row in _rows().items() for action, access in _of(service, row)}


@cache
def accesses_with_a_key(service: str) -> Mapping[str, Access]:
    """The same for the actions of one service that need the key of what they read or write."""
    return {action: access for action, access in _of(service, _rows().get(service, {})) if access.key}


@cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


def _of(service: str, row: Mapping[str, str]) -> Iterator[tuple[str, Access]]:
    for column, reads in (("read", True), ("write", False)):
        key = tuple(f"kms:{action}" for action in row.get(f"key_to_{column}", "").split())
        for action in row.get(column, "").split():
            yield f"{service}:{action}", Access(reads, key)
