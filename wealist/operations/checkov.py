"""Checkov over every stack, held against the same waivers: `python -m wealist.operations.checkov PROGRAM`.

cdk.tf.json ─ without what Checkov cannot read ─┐
modules/*.tf ───────────────────────────────────┴─ Checkov ─► failed checks ─ waivers.toml ─► what is left fails

Checkov runs from a virtualenv of its own, which `make lint` sets up: it brings a fork of the package `hcl2`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wealist import project
from wealist.checks import waivers
from wealist.checks.finding import Finding
from wealist.errors import FAILURE, OperatorError
from wealist.model.stack import StackJson, read
from wealist.progress import note, run_program, stderr, step

INPUT: Final = project.WORK / "checkov" / "stacks"
_FRAMEWORKS: Final = ("terraform_json", "terraform")
_UNREADABLE: Final = {"//", "terraform", "output"}
"""Top levels of the JSON that hold no resource, and that Checkov's parser stumbles over: one such, and it reads nothing
of the file."""
_TAIL: Final = 2000


@dataclass(frozen=True)
class Report:
    """What Checkov reported.

    Attributes:
        version: Its own.
        passed: Checks that passed, by stack.
        findings: Checks that failed, at Terraform's addresses.
        unparsed: Files that it could not read.
    """

    version: str
    passed: Mapping[str, int]
    findings: tuple[Finding, ...]
    unparsed: tuple[str, ...]


def prepare(stacks: Path, names: Sequence[str], into: Path = INPUT) -> dict[str, StackJson]:
    """Copies stacks to where Checkov reads them, each with its modules.

    Args:
        stacks: The folder that holds a folder for each.
        names: Of the stacks.
        into: Is emptied first.

    Returns:
        The stacks, by name.
    """
    shutil.rmtree(into, ignore_errors=True)
    found = {}
    for name in names:
        stack = found[name] = read(stacks / name / "cdk.tf.json")
        readable = {key: value for key, value in stack.document.items() if key not in _UNREADABLE}
        (into / name).mkdir(parents=True)
        (into / name / "cdk.tf.json").write_text(json.dumps(readable, indent=2), encoding="utf-8")
        if (modules := stacks / name / "modules").is_dir():
            shutil.copytree(modules, into / name / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    return found


def run(program: Path, folder: Path = INPUT) -> list[dict[str, Any]]:
    """Runs Checkov on a folder, without the network.

    Args:
        program: The `checkov` of its virtualenv.
        folder: What it reads.

    Returns:
        Its report of each framework.

    Raises:
        OperatorError: it is not there, or ends without a report.
    """
    if not program.is_file():
        raise OperatorError(f"there is no Checkov at {program}", remedy="run `make lint`, which sets it up")
    frameworks = [argument for name in _FRAMEWORKS for argument in ("--framework", name)]
    # A failed check is not a failed run: what fails is decided here.
    options = ["--output", "json", "--compact", "--soft-fail", "--skip-download"]
    # Settings of whoever runs it, keys of Checkov's vendor among them, would change what is checked.
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("BC_", "CKV_", "PRISMA_"))}
    done = subprocess.run(
        [str(program), "--directory", str(folder), *frameworks, *options],
        cwd=folder,  # away from any .checkov.yaml
        env=ours,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        reports = json.loads(done.stdout)
    except json.JSONDecodeError:
        output = (done.stderr or done.stdout)[-_TAIL:].strip()
        raise OperatorError(
            f"Checkov ended with {done.returncode} and no report:\n{output}",
            remedy=f"delete {program.parents[1]}, and run `make lint` again: it sets Checkov up anew",
        ) from None
    return reports if isinstance(reports, list) else [reports]


def understood(reports: Sequence[Mapping[str, Any]], stacks: Mapping[str, StackJson]) -> Report:
    """Checkov's reports at our addresses.

    Raises:
        OperatorError: a framework is missing, or a check is of nothing in the stacks.
    """
    missing = set(_FRAMEWORKS) - {str(report.get("check_type")) for report in reports}
    if missing:
        raise OperatorError(
            f"Checkov says nothing of {', '.join(sorted(missing))}: it read no file of that kind",
            remedy="look at what `python main.py` wrote, and at the version of Checkov in the Makefile",
        )
    results = [report["results"] for report in reports]
    passed = Counter(_stack(record) for result in results for record in result["passed_checks"])
    # A skip in a comment is no waiver: it has no end, and nobody finds it.
    failed = [record for result in results for kind in ("failed_checks", "skipped_checks") for record in result[kind]]
    findings = sorted(_finding(record, stacks) for record in failed)
    unparsed = [str(path) for result in results for path in result["parsing_errors"]]
    return Report(reports[0]["summary"]["checkov_version"], passed, tuple(findings), tuple(unparsed))


def _stack(record: Mapping[str, Any]) -> str:
    return str(record["file_path"]).strip("/").partition("/")[0]


def _finding(record: Mapping[str, Any], stacks: Mapping[str, StackJson]) -> Finding:
    name = _stack(record)
    address = _address(record, stacks[name])
    remedy = f"meet it, or waive it in {waivers.FILE.name} with a reason ({record.get('guideline') or 'no guideline'})"
    return Finding(name, address, record["check_id"], record["check_name"], remedy)


def _address(record: Mapping[str, Any], stack: StackJson) -> str:
    """The address of what a check is about: in JSON Checkov often tells no more than `resource.<label>`."""
    path, resource = Path(record["file_path"]), str(record["resource"])
    if path.suffix == ".tf":
        return f"module.{path.parent.name}.{resource}"
    if resource in stack.resources or resource in stack.data or resource in stack.modules:
        return resource
    section, _, label = resource.partition(".")
    inside = {"resource": stack.resources, "data": stack.data, "module": stack.modules}.get(section, {})
    found = [address for address in inside if address.rpartition(".")[2] == label]
    if len(found) == 1:
        return found[0]
    if section == "provider":
        return resource
    which = "is several" if found else "is not there"
    raise OperatorError(
        f"Checkov's {record['check_id']} is about {resource} of {path}, which {which}",
        remedy="look at what changed in Checkov, and at `_address` of wealist/operations/checkov.py",
    )


def judged(report: Report, names: Sequence[str], known: Sequence[waivers.Waiver]) -> tuple[list[Finding], int]:
    """What is left to do about a report.

    Args:
        report: What Checkov reported.
        names: Of every stack that it was to read.
        known: The waivers; those of other controls than Checkov's say nothing here.

    Returns:
        What fails, and how many failed checks are waived. A file that Checkov cannot read, a stack of which it has
        checked nothing, and a waiver that covers nothing fail, too.
    """
    ours = [waiver for waiver in known if any(map(_is_checkovs, waiver.controls))]
    outcome = waivers.judge(report.findings, ours)
    unread = [
        Finding(_stack({"file_path": path}), path, "checkov.unparsed", "Checkov cannot read it", "mend the file")
        for path in report.unparsed
    ]
    silent = [
        Finding(name, name, "checkov.silent", "Checkov checked nothing in it", "find out why: no check is no proof")
        for name in names
        if not report.passed.get(name)
    ]
    needless = waivers.unused(ours, outcome.waived, _is_checkovs)
    return [*unread, *silent, *outcome.failed, *needless], len(outcome.waived)


def _is_checkovs(control: str) -> bool:
    return waivers.asker(control) is waivers.Asker.CHECKOV


def main(program: Path) -> int:
    """Synthesizes, runs Checkov, and prints what fails. Returns the exit code."""
    known = waivers.read()
    with step("synthesize every stack"):
        project.synthesize(INPUT.with_name("synthesized"))
    names = project.stack_names(INPUT.with_name("synthesized"))
    with step("check them with Checkov"):
        stacks = prepare(INPUT.with_name("synthesized") / "stacks", names)
        report = understood(run(program), stacks)
    failed, waived = judged(report, names, known)
    for finding in failed:
        stderr.print(str(finding), markup=False)
    unparsed = len(report.unparsed)
    note(
        f"Checkov {report.version}: {len(names)} stacks, {sum(report.passed.values())} checks passed, {waived} waived, "
        f"{len(failed)} findings, {unparsed} parsing errors"
    )
    return FAILURE if failed else 0


if __name__ == "__main__":
    run_program(lambda: main(Path(sys.argv[1]).absolute()))
