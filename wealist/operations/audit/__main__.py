"""`make audit`: apply every stack to the embedded AWS, audit it with Prowler, and judge the results.

python -m wealist.operations.audit PROGRAM

every stack, applied ─ Prowler ─► rows ─ audit.toml, waivers.toml ─┬─► docs/audit.md, docs/audit-*.md
                                                                   └─► open findings, which fail
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Final

from wealist.checks import waivers
from wealist.checks.check import read_synthesis
from wealist.checks.finding import Finding
from wealist.checks.rules import controls
from wealist.errors import FAILURE
from wealist.operations.audit import prowler, report, verdicts
from wealist.operations.audit.verdicts import Answer, Verdict
from wealist.operations.emulated import everything_applied
from wealist.progress import note, run_program, stderr, step
from wealist.project import WORK
from wealist.spec.account import SHARED_STACKS
from wealist.spec.environments import load, names

_FOLDER: Final = WORK / "audit"


def main(program: Path) -> int:
    """Audit, write the reports, and print open findings. Returns the exit code."""
    prowler.refuse_missing(program)
    known_waivers, audit_entries = waivers.read(), verdicts.read()
    frameworks = {framework: prowler.requirements(program, framework) for framework in prowler.FRAMEWORKS}
    checks = prowler.checks_of(frameworks.values())
    with everything_applied() as stacks:
        with step("read the states"):
            places = verdicts.index_arns(
                {stack: stacks.terraform(stack).state() for stack in (*SHARED_STACKS, *names())}
            )
        with step(f"ask Prowler for {len(checks)} checks"):
            rows = prowler.run(program, stacks.environment(), checks, _FOLDER)
        own = controls(read_synthesis(stacks.synthesized, load()), known_waivers)
    answers = verdicts.judge(rows, places, known_waivers, audit_entries)
    report.write(answers, frameworks, own)
    return _report(answers, *verdicts.problems(answers, known_waivers, audit_entries, checks))


def _report(answers: list[Answer], failed: list[Finding], unused: list[Finding]) -> int:
    for finding in (*failed, *unused):
        stderr.print(str(finding), markup=False)
    counts = Counter(answer.verdict for answer in answers)
    words = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)
    note(f"Prowler: {words}; {len(unused)} entries cover nothing")
    return FAILURE if failed else 0


if __name__ == "__main__":
    run_program(lambda: main(Path(sys.argv[1]).absolute()))
