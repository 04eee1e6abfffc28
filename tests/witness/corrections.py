"""What moto's corrections claim of AWS, as the witness sees it: each confirmed, contradicted or not covered.

tests/integration/corrections ─ pytest, with the witness in the place of moto ─► verdicts ─ corrections.toml
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
    """Return every correction: `rds.instances_keep_performance_insights`."""
    from wealist.emulator.corrections import CORRECTIONS  # noqa: PLC0415 -- loads moto, which takes a second

    return [f"{each.__module__.rpartition('.')[2]}.{each.__name__}" for each in CORRECTIONS]


def ask(folder: Path) -> list[dict[str, Any]]:
    """Run the corrections' tests against the witness. Returns how each of them ended."""
    folder.mkdir(parents=True, exist_ok=True)
    results = folder / "corrections.json"
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.witness.plugin", "-p", "no:cacheprovider", _TESTS]
    variables = os.environ | {"WITNESS_RESULTS": str(results)}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if not results.exists():
        raise SystemExit(done.stdout + done.stderr)
    found: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))
    return found


def verdicts(corrections: Sequence[str], results: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the verdict on each correction, from the tests that apply it or, if there are none, of its module."""
    return {name: _verdict(list(_about(name, results))) for name in corrections}


def _about(name: str, results: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """A test that calls for several corrections is about each of them."""
    module = name.partition(".")[0]
    called = any(name in each["corrections"] for each in results)
    for each in results:
        if name in each["corrections"] or (not called and each["module"] == module):
            yield each


def _verdict(results: Sequence[Mapping[str, Any]]) -> str:
    if not results or any(each["lacks"] for each in results):
        return NOT_COVERED
    return CONFIRMED if all(each["passed"] for each in results) else CONTRADICTED


def listed() -> dict[str, tuple[str, str]]:
    """Return the committed verdicts that are not `confirmed`, each with its reason."""
    rows = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {name: (row["verdict"], row["reason"]) for name, row in rows.items()}


def problems(found: Mapping[str, str], committed: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return where a verdict is not the committed one."""
    wanted = {name: committed[name][0] if name in committed else CONFIRMED for name in found}
    return [
        f"{name} is {verdict}, and corrections.toml says {wanted[name]}"
        for name, verdict in found.items()
        if verdict != wanted[name]
    ] + [f"{name} is no correction; delete its entry" for name in committed if name not in found]
