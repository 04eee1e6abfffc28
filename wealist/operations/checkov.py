"""Run Checkov on every stack, with this project's waivers: `python -m wealist.operations.checkov PROGRAM`.

cdk.tf.json ─ without unsupported sections ─┐
modules/*.tf ───────────────────────────────┴─ Checkov ─► failed checks ─ without waived ones ─► findings

Checkov runs in a separate virtualenv, which `make lint` creates: it requires a fork of the package `hcl2`.
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
"""Sections of the JSON without resources that Checkov's parser does not support: it would skip the file."""
_TAIL: Final = 2000


@dataclass(frozen=True)
class Report:
    """Checkov's results.

    Attributes:
        version: Checkov's version.
        passed: Stack → number of passed checks.
        findings: Failed checks, with Terraform's addresses.
        unparsed: Files that Checkov could not parse.
    """

    version: str
    passed: Mapping[str, int]
    findings: tuple[Finding, ...]
    unparsed: tuple[str, ...]


def copy_stacks(stacks: Path, names: Sequence[str], into: Path = INPUT) -> dict[str, StackJson]:
    """Copy stacks and their modules to the folder that Checkov reads.

    Args:
        stacks: The folder with a folder for each stack.
        names: The stacks.
        into: The folder to write. Its previous content is deleted.

    Returns:
        The stacks, by name.
    """
    shutil.rmtree(into, ignore_errors=True)
    copied = {}
    for name in names:
        stack = copied[name] = read(stacks / name / "cdk.tf.json")
        readable = {key: value for key, value in stack.document.items() if key not in _UNREADABLE}
        (into / name).mkdir(parents=True)
        (into / name / "cdk.tf.json").write_text(json.dumps(readable, indent=2), encoding="utf-8")
        if (modules := stacks / name / "modules").is_dir():
            shutil.copytree(modules, into / name / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    return copied


def run_checkov(program: Path, folder: Path = INPUT) -> list[dict[str, Any]]:
    """Run Checkov on a folder, without network access.

    Args:
        program: The `checkov` of its virtualenv.
        folder: The folder to check.

    Returns:
        One report for each framework.

    Raises:
        OperatorError: Checkov is missing, or ends without a report.
    """
    if not program.is_file():
        raise OperatorError(f"there is no Checkov at {program}", remedy="run `make lint`, which sets it up")
    frameworks = [argument for name in _FRAMEWORKS for argument in ("--framework", name)]
    # --soft-fail: the waivers decide whether a failed check is a failure.
    options = ["--output", "json", "--compact", "--soft-fail", "--skip-download"]
    # The user's settings, including keys of Checkov's vendor, would change the checks.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("BC_", "CKV_", "PRISMA_"))}
    done = subprocess.run(
        [str(program), "--directory", str(folder), *frameworks, *options],
        cwd=folder,  # a .checkov.yaml of the current folder would be used
        env=environ,
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
            remedy=f"delete {program.parents[1]}, and run `make lint` again: it reinstalls Checkov",
        ) from None
    return reports if isinstance(reports, list) else [reports]


def parse_reports(reports: Sequence[Mapping[str, Any]], stacks: Mapping[str, StackJson]) -> Report:
    """Return Checkov's reports as one, with Terraform's addresses.

    Raises:
        OperatorError: The report of a framework is missing, or a check's resource is not in the stacks.
    """
    missing = set(_FRAMEWORKS) - {str(report.get("check_type")) for report in reports}
    if missing:
        raise OperatorError(
            f"Checkov reported nothing for {', '.join(sorted(missing))}: it read no file of that kind",
            remedy="check the output of `python main.py`, and the version of Checkov in the Makefile",
        )
    results = [report["results"] for report in reports]
    passed = Counter(_stack(record) for result in results for record in result["passed_checks"])
    # A check that is skipped by a comment counts as failed: only waivers.toml has waivers.
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
    """Return the address of a check's resource. For JSON, Checkov often reports only `resource.<label>`."""
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
    which = "is ambiguous" if found else "is missing"
    raise OperatorError(
        f"Checkov's {record['check_id']} is about {resource} of {path}, which {which}",
        remedy="adapt `_address` of wealist/operations/checkov.py to this version of Checkov",
    )


def remaining_findings(
    report: Report, names: Sequence[str], known: Sequence[waivers.Waiver]
) -> tuple[list[Finding], int]:
    """Return the findings that are not waived, and the number of waived ones.

    Unparsed files, stacks without a passed check, and unused waivers of Checkov's controls are findings, too.

    Args:
        report: Checkov's results.
        names: The stacks that Checkov was given.
        known: All waivers. Those of other tools' controls are ignored.
    """
    ours = [waiver for waiver in known if any(map(_is_checkovs, waiver.controls))]
    outcome = waivers.apply_waivers(report.findings, ours)
    unread = [
        Finding(_stack({"file_path": path}), path, "checkov.unparsed", "Checkov cannot parse it", "correct the file")
        for path in report.unparsed
    ]
    silent = [
        Finding(name, name, "checkov.silent", "Checkov checked nothing in it", "find out why Checkov skips the stack")
        for name in names
        if not report.passed.get(name)
    ]
    unused = waivers.unused(ours, outcome.waived, _is_checkovs)
    return [*unread, *silent, *outcome.failed, *unused], len(outcome.waived)


def _is_checkovs(control: str) -> bool:
    return waivers.checker_of(control) is waivers.Checker.CHECKOV


def main(program: Path) -> int:
    """Synthesize, run Checkov, and print the findings. Return the exit code."""
    known = waivers.read()
    with step("synthesize every stack"):
        project.synthesize(INPUT.with_name("synthesized"))
    names = project.stack_names(INPUT.with_name("synthesized"))
    with step("check them with Checkov"):
        stacks = copy_stacks(INPUT.with_name("synthesized") / "stacks", names)
        report = parse_reports(run_checkov(program), stacks)
    failed, waived = remaining_findings(report, names, known)
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
