"""Test the corrections of moto against ministack: each is confirmed, contradicted or not covered.

tests/integration/corrections ─ pytest, with ministack instead of moto ─► verdicts, compared with corrections.toml
"""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from wealist.project import ROOT

LIST: Final = Path(__file__).with_name("corrections.toml")
CONFIRMED: Final = "confirmed"
CONTRADICTED: Final = "contradicted"
NOT_COVERED: Final = "not covered"
_TESTS: Final = "tests/integration/corrections"


def names() -> list[str]:
    """Return the names of all corrections: `rds.instances_keep_performance_insights`."""
    from wealist.emulator.corrections import CORRECTIONS  # noqa: PLC0415 -- loads moto, which takes a second

    return [f"{each.__module__.rpartition('.')[2]}.{each.__name__}" for each in CORRECTIONS]


def run_tests(folder: Path) -> list[dict[str, Any]]:
    """Run the tests of the corrections against ministack, and return their results."""
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / "corrections.json"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.witness.plugin", "-p", "no:cacheprovider", _TESTS]
    variables = os.environ | {"WITNESS_RESULTS": str(results)}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if not results.exists():
        raise SystemExit(done.stdout + done.stderr)
    tests: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))
    return tests


def verdicts(corrections: Sequence[str], results: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the verdict on each correction, from the tests that request it or, if there are none, of its module."""
    return {name: _verdict(list(_tests_of(name, results))) for name in corrections}


def _tests_of(name: str, results: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Return the results of a correction's tests."""
    module = name.partition(".")[0]
    is_requested = any(name in each["corrections"] for each in results)
    for each in results:
        if name in each["corrections"] or (not is_requested and each["module"] == module):
            yield each


def _verdict(results: Sequence[Mapping[str, Any]]) -> str:
    if not results or any(each["lacks"] for each in results):
        return NOT_COVERED
    return CONFIRMED if all(each["passed"] for each in results) else CONTRADICTED


def committed() -> dict[str, tuple[str, str]]:
    """Return corrections.toml: the verdicts other than `confirmed`, each with its reason."""
    rows = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {name: (row["verdict"], row["reason"]) for name, row in rows.items()}


def problems(found: Mapping[str, str], listed: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the verdicts that differ from the listed ones, and entries without a correction."""
    expected = {name: listed[name][0] if name in listed else CONFIRMED for name in found}
    return [
        f"{name} is {verdict}, and corrections.toml says {expected[name]}"
        for name, verdict in found.items()
        if verdict != expected[name]
    ] + [f"{name} is not a correction; delete its entry" for name in listed if name not in found]
