"""What an emulator that nobody here wrote says of the stacks, the roles and moto's corrections: `make witness`.

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
from tests.witness.stacks import APPLY_ROLE, lives
from wealist.errors import OperatorError
from wealist.project import WORK

PARTS: Final = ("stacks", "corrections")
_FOLDER: Final = WORK / "witness"


def main(parts: Sequence[str]) -> int:
    """Ask the witness. Returns the exit code: 0, or 1 where it says something that is in no list."""
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(
            f"error: {', '.join(unknown)} is no part\nremedy: name {' or '.join(PARTS)}, or nothing for both"
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
        os.environ["AWS_CA_BUNDLE"] = str(aws.certificate)  # boto3 looks there in this process
        account = Account(aws)
        observations = lives(aws, account, folder)
        (folder / "observed.json").write_text(json.dumps([str(each) for each in observations], indent=1))
        runs = list(controls(account, APPLY_ROLE))
    committed = gaps.gaps()
    table = Table(title="The stacks at the witness: gaps of its own")
    for heading in ("observed", "times", "reason"):
        table.add_column(heading)
    for gap in committed:
        table.add_row(gap.observed, str(sum(map(gap.explains, observations))), gap.reason)
    console.print(table)
    for title, went in runs:
        console.print(f"{'✓' if went else '✗'} {title}", highlight=False)
    return [
        *gaps.problems(observations, committed),
        *(f"control run: not so: {title}" for title, went in runs if not went),
    ]


def _corrections(console: Console, folder: Path) -> list[str]:
    results = corrections.ask(folder)
    found, committed = corrections.verdicts(corrections.names(), results), corrections.listed()
    table = Table(title="What moto's corrections claim, at the witness")
    for heading in ("correction", "verdict", "reason"):
        table.add_column(heading)
    for name, verdict in found.items():
        table.add_row(name, verdict, committed.get(name, ("", ""))[1])
    console.print(table)
    wrong = corrections.problems(found, committed)
    told = [f"{each['test']}: {each['says']}" for each in results if wrong and not each["passed"]]
    return wrong + told


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OperatorError as error:
        sys.exit(f"error: {error}\nremedy: {error.remedy}")
