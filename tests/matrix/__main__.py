"""`make matrix`, or `python -m tests.matrix [COLUMN …]`: test the source with every library and its bindings.

    each column: install ─► synthesize ─► compare with the default column and with its own schema ─► run the unit tests
    finally:     replay the steps of docs/moving-to-cdktn.md in a copy, and compare what it synthesizes

Terraform runs in the tests of the default column only: other versions of the provider are not available offline.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.matrix import differences, guide
from tests.matrix.columns import Column, columns, set_up
from tests.matrix.documents import Documents
from tests.matrix.schema import Schema, findings
from wealist.errors import OperatorError, unknown_name
from wealist.project import ROOT

_TESTS: Final = ("tests/unit", "tests/modules", "tests/document")
_SELECTED: Final = "not integration and not exhaustive"
_PYTEST: Final = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", _SELECTED, "--hypothesis-profile=quick")
_PARALLEL: Final = ("-n", "2", "--dist", "worksteal")
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_HEADINGS: Final = ("column", "AWS provider", "differences of 8 stacks", "arguments against its schema", "unit tests")
_WIDTH: Final = 140
_SHOWN: Final = 40
"""Number of output lines that are shown of a failed program."""


def main(names: Sequence[str]) -> int:
    """Run columns. Returns the exit code: 0, or 1 if there are problems.

    Args:
        names: The columns; defaults to all, and the guide.
    """
    every = {column.name: column for column in columns()}
    for name in names:
        if name not in every:
            raise unknown_name("column", name, every)
    default, *_ = every.values()
    expected = documents_of(default)
    console = Console(width=_WIDTH)
    table = Table(title="The source with every library")
    for heading in _HEADINGS:
        table.add_column(heading)
    problems = []
    for column in (every[name] for name in names or every):
        set_up(column)
        cells, found = run(column, expected)
        table.add_row(*cells)
        problems += [f"{column.name}: {problem}" for problem in found]
    if not names:
        moved = every["cdktn-6"]
        problems += [f"{guide.GUIDE.name}: {problem}" for problem in guide.problems(moved)]
    console.print(table)
    for problem in problems:
        console.print(problem, highlight=False, soft_wrap=True)
    return int(bool(problems))


def run(column: Column, expected: Documents) -> tuple[list[str], list[str]]:
    """Synthesize and test with an installed column.

    Args:
        column: The column.
        expected: The documents of the default column.

    Returns:
        The column's row of the table; and unlisted differences and failures, and listed ones that no longer occur.
    """
    documents = documents_of(column)
    actual = differences.find_differences(expected, documents)
    schema = Schema(column.archive)
    against = findings(documents, schema)
    failures, last = _unit_tests(column)
    without = f"; without {', '.join(sorted(schema.uncovered))}" if schema.uncovered else ""
    cells = [column.name, column.provider, str(len(actual)), f"{len(against)} findings{without}", last]
    return cells, [*differences.problems(actual, differences.listed(column.name)), *against, *failures]


def documents_of(column: Column) -> Documents:
    """Synthesize with a column, and return its documents."""
    done = _python(column, "-m", "tests.matrix.documents")
    if done.returncode:
        raise SystemExit(f"{column.name}: the synthesis failed\n{_end(done.stderr)}")
    documents: Documents = json.loads(done.stdout)
    return documents


def _unit_tests(column: Column) -> tuple[list[str], str]:
    """Run the unit tests with a column. Returns problems, and the last line of pytest's output."""
    done = _python(column, *_PYTEST, *_PARALLEL, *_TESTS)
    failed = set(_FAILED.findall(done.stdout))
    problems = [f"{test} fails and is not listed in columns.toml" for test in sorted(failed - column.fails.keys())]
    problems += [f"{test} passes; delete its entry in columns.toml" for test in sorted(column.fails.keys() - failed)]
    if problems or (done.returncode and not failed):
        sys.stderr.write(_end(done.stdout + done.stderr))
        problems = problems or ["the unit tests could not run"]
    return problems, done.stdout.strip().rpartition("\n")[2]


def _python(column: Column, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([column.python, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def _end(text: str) -> str:
    return "\n".join(text.splitlines()[-_SHOWN:]) + "\n"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OperatorError as error:
        sys.exit(f"error: {error}\nremedy: {error.remedy}")
