"""`python -m wealist check`: the proofs, printed for people.

matrix of who reaches whom ─ claims ─ (drill) ─ who may become which role ─ (rights) ─ (controls) ─ every guard with
what it found ─ what fails
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
"""Lines of the inventory's difference that are printed; `git diff` after `wealist accept` has all of them."""


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
    """Print the proofs of what was synthesized.

    Args:
        name: The environment to print; None where all are.
        every: Print all of them.
        controls: Print the table of controls, too.
        drill: Print the failure drill, too.
        today: Tells which waivers end: a note, whatever the result is.
        rights: Print what each role may do and why, too.
        skip: Beginnings of controls that are not asked: `inventory`, `EC2`.
        as_json: Print the result as JSON, and nothing else.
        records: Finds which other records of all environments are not current; asked where all are printed.

    Returns:
        Whether all is proven, or waived.

    Raises:
        OperatorError: there is no such environment, both or neither are asked for, no synthesis can be read, or a rule
            or a row of types.toml contradicts the provider.
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
    _shown(synthesis, name)
    judged = check(synthesis)
    others = set() if name is None else _others(synthesis, name)
    failed = [each for each in sorted(judged.failed) if each.stack not in others]
    failed += records(synthesis) if every else ()
    failed = [each for each in failed if not each.control.startswith(tuple(skip))]
    notes = waivers.notes(waivers.read(), today)
    if as_json:
        print(json.dumps(_as_json(failed, judged.waived, notes), indent=2, ensure_ascii=False))  # noqa: T201  the output
        return not failed

    console = stdout()
    show(console, synthesis, name, judged, failed, controls=controls, drill=drill, rights=rights)
    if any(guard_of(finding) == "inventory" for finding in failed):
        _show_difference(console, synthesis)
    for note in notes:
        console.print(f"[yellow]·[/] {escape(note)}", highlight=False)
    return not failed


def show(
    console: Console,
    synthesis: Synthesis,
    name: str | None,
    judged: waivers.CheckResult,
    failed: Sequence[Finding],
    *,
    controls: bool = False,
    drill: bool = False,
    rights: bool = False,
) -> None:
    """Print the tables, and what failed.

    Args:
        console: Where; no line is wider.
        synthesis: What was checked.
        name: The environment to print; None where all are.
        judged: What all guards found.
        failed: The part of it that concerns this environment.
        controls: Print the table of controls, too.
        drill: Print the failure drill, too.
        rights: Print what each role may do and why, too.
    """
    shown = _shown(synthesis, name)
    for environment in shown:
        console.print(reachability.matrix_table(reachability.matrix(synthesis, environment)))
        console.print(reachability.claims_table(environment, judged.failed))
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
    console.print(_summary(failed, len(judged.waived)))
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
        raise OperatorError(str(error), remedy="mend the environment's file", exit_code=BAD_INPUT) from None
    return read_synthesis(project.synthesized_folder(), environments)


def _shown(synthesis: Synthesis, name: str | None) -> list[str]:
    """The environments to print; an unknown one is refused by what the matrix needs of it."""
    if name is None:
        return sorted(synthesis.environments)
    reachability.topology(synthesis, name)
    return [name]


def _others(synthesis: Synthesis, name: str) -> set[str]:
    """The environments that nobody asked about; what is wrong with the shared stacks concerns all."""
    return set(synthesis.environments) - {name}


def _summary(failed: Sequence[Finding], waived: int) -> Table:
    found = Counter(map(guard_of, failed))
    rows = [(str(found[guard] or "none"), guard) for guard in (*GUARDS, waivers.PREFIX)]
    in_all = (f"{len(failed)}, {waived} waived", "in all")
    return Table("findings", ("found", "guard"), [*rows, in_all], {"none": "green"})
