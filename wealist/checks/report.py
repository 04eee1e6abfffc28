"""Print the result of `wealist check`: tables of the proofs, and the findings.

connections ─ claims ─ (drill) ─ trust of roles ─ (rights) ─ (controls) ─ number of findings by guard ─ findings
"""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from wealist import project
from wealist.checks import accepted, iam, reachability, waivers
from wealist.checks import drill as drills
from wealist.checks.check import GUARDS, check, guard_of, read_synthesis
from wealist.checks.finding import Finding, Guard, Synthesis
from wealist.checks.rules import RULES, controls_table
from wealist.checks.rules import controls as verdicts
from wealist.checks.rules.rows import refuse_unknown_arguments
from wealist.checks.tables import Table, stdout
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model import types
from wealist.spec.environments import load
from wealist.spec.problems import SpecError

_LONGEST_DIFFERENCE: Final = 80
"""Printed lines of the inventory's difference; `git diff` after `wealist accept` shows all of them."""


def report(
    name: str | None,
    *,
    every: bool,
    controls: bool,
    drill: bool,
    today: dt.date,
    rights: bool = False,
    skip: Sequence[str] = (),
    as_json: bool = False,
    records: Guard = lambda _: (),
) -> bool:
    """Check the synthesis, and print the result.

    Args:
        name: The environment to print; None for all of them.
        every: Print all environments.
        controls: Also print the table of controls.
        drill: Also print the failure drill.
        today: The date for notes on expiring waivers, which do not change the result.
        rights: Also print the permissions of each role, with reasons.
        skip: Prefixes of controls to ignore: `inventory`, `EC2`.
        as_json: Print only JSON.
        records: A guard of further generated records; runs if all environments are printed.

    Returns:
        Whether every finding is waived.

    Raises:
        OperatorError: the environment is unknown, both or neither of `name` and `every` are given, no synthesis can be
            read, or a rule or a row of types.toml contradicts the provider.
    """
    if (name is None) != every:
        raise OperatorError(
            f"both {name!r} and --all are given" if name else "no environment is given",
            remedy="write `wealist check prod`, or `wealist check --all`",
            exit_code=BAD_INPUT,
        )
    refuse_unknown_arguments(RULES)
    types.refuse_contradictions()
    synthesis = _synthesis()
    # Findings of shared stacks concern every environment.
    others = synthesis.environments.keys() - _shown(synthesis, name)
    result = check(synthesis)
    failed = [each for each in sorted(result.failed) if each.stack not in others]
    failed += records(synthesis) if every else ()
    failed = [each for each in failed if not each.control.startswith(tuple(skip))]
    notes = waivers.notes(waivers.read(), today)
    if as_json:
        print(json.dumps(_as_json(failed, result.waived, notes), indent=2, ensure_ascii=False))  # noqa: T201  the output
        return not failed

    console = stdout()
    show(console, synthesis, name, result, failed, controls=controls, drill=drill, rights=rights)
    if any(guard_of(finding) == "inventory" for finding in failed):
        _show_difference(console, synthesis)
    for note in notes:
        console.print(f"[yellow]·[/] {escape(note)}", highlight=False)
    return not failed


def show(
    console: Console,
    synthesis: Synthesis,
    name: str | None,
    result: waivers.CheckResult,
    failed: Sequence[Finding],
    *,
    controls: bool = False,
    drill: bool = False,
    rights: bool = False,
) -> None:
    """Print the tables and the findings.

    Args:
        console: The console; no line is wider.
        synthesis: The synthesis.
        name: The environment to print; None for all of them.
        result: The result of all guards.
        failed: The findings to print.
        controls: Also print the table of controls.
        drill: Also print the failure drill.
        rights: Also print the permissions of each role, with reasons.
    """
    shown = _shown(synthesis, name)
    for environment in shown:
        console.print(reachability.matrix_table(reachability.matrix(synthesis, environment)))
        console.print(reachability.claims_table(environment, result.failed))
        if drill:
            console.print(drills.table(environment, drills.drill(synthesis, environment)))
    trusts = iam.trust_rows(synthesis)
    for stack in (*shown, *({iam.PIPELINE_STACK} & synthesis.stacks.keys())):
        console.print(iam.trust_table(stack, trusts[stack]))
        if rights:
            console.print(iam.rights_table(synthesis.stacks[stack]))
    if controls:
        found = verdicts(synthesis, waivers.read())
        console.print(controls_table(each for each in found if name is None or each.stack == name))
    console.print(_summary(failed, len(result.waived)))
    for finding in failed:
        console.print(f"[bold red]✗[/] {escape(str(finding))}", highlight=False)


def _as_json(
    failed: Iterable[Finding], waived: Iterable[tuple[Finding, waivers.Waiver]], notes: Iterable[str]
) -> dict[str, Any]:
    return {
        "findings": [asdict(finding) for finding in failed],
        "waived": [{**asdict(finding), "reason": waiver.reason} for finding, waiver in waived],
        "notes": list(notes),
    }


def _show_difference(console: Console, synthesis: Synthesis) -> None:
    lines = accepted.difference(accepted.FOLDER, synthesis.holdings, synthesis.environments)
    for line in lines[:_LONGEST_DIFFERENCE]:
        console.print(line, style={"+": "green", "-": "red"}.get(line[:1], "dim"), markup=False, highlight=False)
    if len(lines) > _LONGEST_DIFFERENCE:
        console.print(f"… {len(lines) - _LONGEST_DIFFERENCE} more lines", style="dim")


def _synthesis() -> Synthesis:
    try:
        environments = load()
    except SpecError as error:
        raise OperatorError(str(error), remedy="correct the environment's file", exit_code=BAD_INPUT) from None
    return read_synthesis(project.synthesized_folder(), environments)


def _shown(synthesis: Synthesis, name: str | None) -> list[str]:
    """Return the environments to print. Reading the topology rejects an unknown one."""
    if name is None:
        return sorted(synthesis.environments)
    reachability.topology(synthesis, name)
    return [name]


def _summary(failed: Sequence[Finding], waived: int) -> Table:
    found = Counter(map(guard_of, failed))
    rows = [(str(found[guard] or "none"), guard) for guard in (*GUARDS, waivers.PREFIX)]
    in_all = (f"{len(failed)}, {waived} waived", "in all")
    return Table("findings", ("found", "guard"), [*rows, in_all], {"none": "green"})
