"""Every check of everything that one synthesis wrote.

cdk.tf.json of each stack ─┬─ PROOFS ──────► a finding stops the synthesis ─┐
the environments' values  ─┼─ RULES ───────► a finding fails `check` ───────┼─ waivers ─► what is left
the committed inventory   ─┴─ BOOKKEEPING ─► a finding fails `check` ───────┘
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from wealist.checks import (
    accepted,
    bookkeeping,
    iam,
    reachability,
    references,
    rules,
    scripts,
    secrets,
    stateful,
    waivers,
)
from wealist.checks import stack as structure
from wealist.checks.finding import Finding, Guard, Synthesis
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import StackJson, read
from wealist.spec.environment import Environment

PROOFS: Final[Mapping[str, Guard]] = {
    "stack": structure.prove,
    "reachability": reachability.prove,
    "iam": iam.prove,
    "stateful": stateful.prove,
    "secrets": secrets.prove,
    "references": references.prove,
    "scripts": scripts.prove,
}
"""Beginning of a control → what must be proven before anything is written."""
RULES: Final = "rules"
BOOKKEEPING: Final[Mapping[str, Guard]] = {"inventory": bookkeeping.inventory, "types": bookkeeping.types}
GUARDS: Final[Mapping[str, Guard]] = {**PROOFS, RULES: rules.prove, **BOOKKEEPING}
UNPROVEN: Final = "WEALIST_UNPROVEN"
"""Set to `1`, a synthesis is written although a proof fails, so that somebody can look at it."""


def read_synthesis(folder: Path, environments: Iterable[Environment]) -> Synthesis:
    """Reads everything that a synthesis wrote.

    Args:
        folder: What `main.py` wrote: `manifest.json` and `stacks/`.
        environments: What it was asked for.

    Raises:
        OperatorError: there is no synthesis, or a file of it is not as cdktf writes it; with exit code 2.
    """
    try:
        names = sorted(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["stacks"].keys())
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise OperatorError(
            f"{folder} holds no synthesis ({type(error).__name__} at manifest.json)",
            remedy="run `python main.py`, or `make synth`",
            exit_code=BAD_INPUT,
        ) from None
    stacks = {name: _read(folder, name) for name in names}
    described = {environment.name: environment for environment in environments}
    if missing := sorted(described.keys() - stacks.keys()):
        raise OperatorError(
            f"{folder} lacks the stack {', '.join(missing)}, which wealist/spec/environments describes",
            remedy="run `python main.py`, or `make synth`",
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
            remedy="run `python main.py` again, and leave its output as it is",
            exit_code=BAD_INPUT,
        )
    return found


def findings(synthesis: Synthesis) -> list[Finding]:
    """What the guards find, waived or not.

    Raises:
        OperatorError: a guard cannot read what was synthesized; with exit code 2.
    """
    return sorted({finding for name in GUARDS for finding in _asked(name, synthesis)})


def _asked(name: str, synthesis: Synthesis) -> list[Finding]:
    """What a guard finds: whatever it stumbles over is something in the JSON that it does not know."""
    try:
        return list(GUARDS[name](synthesis))
    except OperatorError:
        raise
    except Exception as error:
        raise OperatorError(
            f"the guard {name} cannot read {_unreadable(name, synthesis)}: {type(error).__name__}: {error}",
            remedy="write what it names as Terraform takes it; where that is so, teach the guard to read it",
            exit_code=BAD_INPUT,
        ) from error


def _unreadable(guard: str, synthesis: Synthesis) -> str:
    """The stacks that a guard cannot read by themselves; all of them where it is what they are together."""
    found = []
    for name, stack in synthesis.stacks.items():
        described = {name: synthesis.environments[name]} if name in synthesis.environments else {}
        try:
            list(GUARDS[guard](Synthesis({name: stack}, described, synthesis.accepted)))
        except Exception:  # noqa: BLE001  the same one again, of whatever kind
            found.append(name)
    return f"the stack {' and '.join(found or synthesis.stacks)}"


def guard_of(finding: Finding) -> str:
    """Return the guard that a finding is of: our own controls begin with it, AWS's are rules."""
    prefix = finding.control.partition(".")[0]
    return prefix if prefix in {*PROOFS, *BOOKKEEPING, waivers.PREFIX} else RULES


def check(synthesis: Synthesis) -> waivers.Judged:
    """Ask every guard, and hold what it finds against the waivers.

    Args:
        synthesis: All of one synthesis: a waiver that covers nothing of it fails.
    """
    known = waivers.read()
    judged = waivers.judge(findings(synthesis), known)
    needless = waivers.unused(known, judged.waived, lambda control: waivers.asker(control) is waivers.Asker.CHECK)
    return waivers.Judged((*judged.failed, *needless), judged.waived)


def refuse_unproven(folder: Path, environments: Iterable[Environment], output: Path | None = None) -> list[str]:
    """Let pass only what is proven.

    Args:
        folder: What was synthesized.
        environments: What was asked for.
        output: Where it will be written, if elsewhere: Terraform loads other files that lie there, too.

    Returns:
        Warnings, one line each: what `wealist check` will fail for, and what is not proven where `WEALIST_UNPROVEN=1`
        lets it be written all the same.

    Raises:
        OperatorError: a proof fails, and no waiver covers it; the message lists every failure.
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
            "for a look at it",
        )
    head = [f"NOT PROVEN SAFE ({UNPROVEN}=1): do not apply this output"] if unproven else []
    return [*head, *(str(finding) for finding in (*unproven, *(each for each in failed if each not in unproven)))]
