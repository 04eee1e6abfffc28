"""Run every check on one synthesis.

cdk.tf.json of each stack ─┬─ PROOFS ──────► a finding stops the synthesis ────────┐
the environments' values  ─┼─ RULES ───────► a finding fails `wealist check` ──────┼─ waivers ─► remaining findings
the committed inventory   ─┴─ BOOKKEEPING ─► a finding fails `wealist check` ──────┘

Bookkeeping keeps the project's records current:

inventory.current   the committed inventory describes the synthesis
types.row           every type in use has a complete row in wealist/model/types.toml
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from wealist.checks import accepted, iam, reachability, references, rules, scripts, secrets, stateful, waivers
from wealist.checks import stack as structure
from wealist.checks.finding import Finding, Guard, Synthesis
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import StackJson, read
from wealist.model.types import incomplete
from wealist.spec.environment import Environment

_CURRENT: Final = "inventory.current"
_ROW: Final = "types.row"
_ACCEPT: Final = "run `wealist accept`, look at the difference of inventory/, and commit it"
_SYNTHESIZE: Final = "run `python main.py`, or `make synth`"


def _inventory(synthesis: Synthesis) -> Iterator[Finding]:
    """Report each stack that differs from the committed inventory, at its first difference."""
    committed, current = synthesis.accepted.holdings, synthesis.holdings
    for stack in sorted(committed.keys() | current.keys()):
        before, after = committed.get(stack, {}), current.get(stack, {})
        if differing := sorted(each for each in before.keys() | after.keys() if before.get(each) != after.get(each)):
            more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
            yield Finding(stack, differing[0], _CURRENT, f"differs from the inventory{more}", _ACCEPT)


def _types(synthesis: Synthesis) -> Iterator[Finding]:
    """Report each type without a complete row once, at its first address."""
    used: dict[str, tuple[str, str]] = {}
    for name, stack in sorted(synthesis.stacks.items()):
        for address, resource in (*stack.resources.items(), *stack.data.items()):
            used.setdefault(resource.kind, (name, address))
    for kind, remedy in incomplete(used).items():
        first, address = used[kind]
        yield Finding(first, address, _ROW, f"is of the type {kind}, which has no complete row", remedy)


PROOFS: Final[Mapping[str, Guard]] = {
    "stack": structure.prove,
    "reachability": reachability.prove,
    "iam": iam.prove,
    "stateful": stateful.prove,
    "secrets": secrets.prove,
    "references": references.prove,
    "scripts": scripts.prove,
}
"""Prefix of a control → the proof that must succeed before anything is written."""
RULES: Final = "rules"
BOOKKEEPING: Final[Mapping[str, Guard]] = {"inventory": _inventory, "types": _types}
GUARDS: Final[Mapping[str, Guard]] = {**PROOFS, RULES: rules.prove, **BOOKKEEPING}
UNPROVEN: Final = "WEALIST_UNPROVEN"
"""If this variable is `1`, a synthesis is written although a proof fails, for inspection."""


def read_synthesis(folder: Path, environments: Iterable[Environment]) -> Synthesis:
    """Read everything that a synthesis wrote, and the committed inventory.

    Args:
        folder: The output of `main.py`: `manifest.json` and `stacks/`.
        environments: The environments that were synthesized.

    Raises:
        OperatorError: the folder holds no synthesis, lacks a stack, or has a file that cdktf did not write; with exit
            code 2.
    """
    try:
        names = sorted(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["stacks"].keys())
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise OperatorError(
            f"{folder} holds no synthesis ({type(error).__name__} at manifest.json)",
            remedy=_SYNTHESIZE,
            exit_code=BAD_INPUT,
        ) from None
    stacks = {name: _read(folder, name) for name in names}
    described = {environment.name: environment for environment in environments}
    if missing := sorted(described.keys() - stacks.keys()):
        raise OperatorError(
            f"{folder} lacks the stack {', '.join(missing)}, which wealist/spec/environments describes",
            remedy=_SYNTHESIZE,
            exit_code=BAD_INPUT,
        )
    found = Synthesis(stacks, described)
    return replace(found, accepted=accepted.compare(accepted.FOLDER, found.holdings, described.keys()))


def _read(folder: Path, name: str) -> StackJson:
    path = folder / "stacks" / name / "cdk.tf.json"
    found = read(path)
    if found.name != name:
        raise OperatorError(
            f"{path} is the stack {found.name}, not {name}",
            remedy="run `python main.py` again, and do not edit its output",
            exit_code=BAD_INPUT,
        )
    return found


def findings(synthesis: Synthesis) -> list[Finding]:
    """Return the findings of every guard, whether waived or not.

    Raises:
        OperatorError: a guard cannot read the synthesis; with exit code 2.
    """
    return sorted({finding for name in GUARDS for finding in _run(name, synthesis)})


def _run(name: str, synthesis: Synthesis) -> list[Finding]:
    """Run one guard. Any error that it raises is caused by JSON that it does not support."""
    try:
        return list(GUARDS[name](synthesis))
    except OperatorError:
        raise
    except Exception as error:
        raise OperatorError(
            f"the guard {name} cannot read {_unreadable(name, synthesis)}: {type(error).__name__}: {error}",
            remedy="write the value as Terraform accepts it; if it is valid, teach the guard to read it",
            exit_code=BAD_INPUT,
        ) from error


def _unreadable(guard: str, synthesis: Synthesis) -> str:
    """Name the stacks that a guard cannot read one by one; all stacks if it reads each of them alone."""
    found = []
    for name, stack in synthesis.stacks.items():
        described = {name: synthesis.environments[name]} if name in synthesis.environments else {}
        try:
            list(GUARDS[guard](Synthesis({name: stack}, described, synthesis.accepted)))
        except Exception:  # noqa: BLE001  the same error, of any type
            found.append(name)
    return f"the stack {' and '.join(found or synthesis.stacks)}"


def guard_of(finding: Finding) -> str:
    """Return the name of the guard that reported a finding. Controls without our prefix are rules."""
    prefix = finding.control.partition(".")[0]
    return prefix if prefix in {*PROOFS, *BOOKKEEPING, waivers.PREFIX} else RULES


def check(synthesis: Synthesis) -> waivers.CheckResult:
    """Run every guard, and apply the waivers.

    Args:
        synthesis: All stacks of one synthesis: a waiver that covers nothing in it is a failure.
    """
    known = waivers.read()
    result = waivers.apply_waivers(findings(synthesis), known)
    unused = waivers.unused(
        known, result.waived, lambda control: waivers.checker_of(control) is waivers.Checker.WEALIST
    )
    return waivers.CheckResult((*result.failed, *unused), result.waived)


def refuse_unproven(folder: Path, environments: Iterable[Environment], output: Path | None = None) -> list[str]:
    """Reject a synthesis that is not proven safe.

    Args:
        folder: The synthesis.
        environments: The environments that were synthesized.
        output: Where the synthesis will be written. Terraform also loads other files in this folder.

    Returns:
        Warnings, one line each: the findings for which `wealist check` will fail, and with `WEALIST_UNPROVEN=1` those
        of proofs.

    Raises:
        OperatorError: a proof fails, and no waiver covers it. The message lists every failure.
    """
    synthesis = read_synthesis(folder, environments)
    failed = [*check(synthesis).failed]
    if output:
        for name, stack in synthesis.stacks.items():
            failed += structure.files.unexpected(stack, output / "stacks" / name)
    unproven = [finding for finding in failed if guard_of(finding) in PROOFS]
    if unproven and os.environ.get(UNPROVEN) != "1":
        listed = "".join(f"\n  {finding}" for finding in unproven)
        raise OperatorError(
            f"what was synthesized is not proven safe, and was not written:{listed}",
            remedy=f"correct each, or waive it with a reason in {waivers.FILE.name}; {UNPROVEN}=1 writes the output "
            "for inspection",
        )
    head = [f"NOT PROVEN SAFE ({UNPROVEN}=1): do not apply this output"] if unproven else []
    return [*head, *(str(finding) for finding in (*unproven, *(each for each in failed if each not in unproven)))]
