"""`make witness`: test stacks, roles and moto's corrections against ministack, an independent emulator of AWS.

python -m tests.witness [stacks] [corrections]
"""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from tests import environments
from tests.witness import corrections, gaps
from tests.witness.roles import Account, controls
from tests.witness.server import Ministack
from tests.witness.stacks import APPLY_ROLE, apply_stacks
from wealist.errors import OperatorError
from wealist.project import WORK

PARTS: Final = ("stacks", "corrections")
_FOLDER: Final = WORK / "witness"


def main(parts: Sequence[str]) -> int:
    """Run the parts. Returns the exit code: 0, or 1 if results differ from the committed lists."""
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(
            f"error: unknown part: {', '.join(unknown)}\nremedy: give {' or '.join(PARTS)}, or nothing for both"
        )
    console = Console(width=140)
    problems = []
    if "stacks" in parts or not parts:
        problems += _stacks(console, _FOLDER / "stacks")
    if "corrections" in parts or not parts:
        problems += _corrections(console, _FOLDER)
    for problem in problems:
        console.print(problem, highlight=False, soft_wrap=True, markup=False)
    return int(bool(problems))


def _stacks(console: Console, folder: Path) -> list[str]:
    environments.use_them()
    shutil.rmtree(folder, ignore_errors=True)
    with Ministack(folder) as aws:
        os.environ["AWS_CA_BUNDLE"] = str(aws.certificate)  # for boto3 in this process
        account = Account(aws)
        observations = apply_stacks(aws, account, folder)
        (folder / "observed.json").write_text(json.dumps([str(each) for each in observations], indent=1))
        runs = list(controls(account, APPLY_ROLE))
    committed = gaps.gaps()
    table = Table(title="Stacks: differences between the emulator and AWS")
    for heading in ("observed", "times", "reason"):
        table.add_column(heading)
    for gap in committed:
        table.add_row(gap.observed, str(sum(map(gap.explains, observations))), gap.reason)
    console.print(table)
    for title, passed in runs:
        console.print(f"{'✓' if passed else '✗'} {title}", highlight=False)
    return [
        *gaps.problems(observations, committed),
        *(f"control run failed: {title}" for title, passed in runs if not passed),
    ]


def _corrections(console: Console, folder: Path) -> list[str]:
    results = corrections.run_tests(folder)
    verdicts, committed = corrections.verdicts(corrections.names(), results), corrections.committed()
    table = Table(title="Corrections of moto, compared with the emulator")
    for heading in ("correction", "verdict", "reason"):
        table.add_column(heading)
    for name, verdict in verdicts.items():
        table.add_row(name, verdict, committed.get(name, ("", ""))[1])
    console.print(table)
    problems = corrections.problems(verdicts, committed)
    failures = [f"{each['test']}: {each['says']}" for each in results if problems and not each["passed"]]
    return problems + failures


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OperatorError as error:
        sys.exit(f"error: {error}\nremedy: {error.remedy}")
