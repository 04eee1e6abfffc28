"""Every guard over everything that one synthesis wrote.

cdk.tf.json of each stack ─┬─ GUARDS ─► findings ─ waivers ─► what is left fails
the environments' values  ─┤
the committed ledger      ─┘
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from wealist.checks import hardening, iam, parity, reachability, secrets, stateful, waivers
from wealist.checks import stack as around
from wealist.checks.finding import Finding, Guard, Synthesis
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import StackJson, read
from wealist.operations import ledger
from wealist.spec.environment import Environment

GUARDS: Final[Mapping[str, Guard]] = {
    "stack": around.prove,
    "reachability": reachability.prove,
    "iam": iam.prove,
    "stateful": stateful.prove,
    "hardening": hardening.prove,
    "secrets": secrets.prove,
    "parity": parity.prove,
}


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
    return Synthesis(stacks, described, ledger.committed())


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
            list(GUARDS[guard](Synthesis({name: stack}, described, synthesis.ledger)))
        except Exception:  # noqa: BLE001  the same one again, of whatever kind
            found.append(name)
    return f"the stack {' and '.join(found or synthesis.stacks)}"


def check(synthesis: Synthesis) -> waivers.Judged:
    """Asks every guard, and holds what it finds against the waivers.

    Args:
        synthesis: All of one synthesis: a waiver that covers nothing of it fails.
    """
    known = waivers.read()
    judged = waivers.judge(findings(synthesis), known)
    needless = waivers.unused(known, judged.waived, _is_ours)
    return waivers.Judged((*judged.failed, *needless), judged.waived)


def refuse_unsafe(folder: Path, environments: Iterable[Environment]) -> None:
    """Lets pass only what is proven safe.

    Args:
        folder: What was synthesized.
        environments: What was asked for.

    Raises:
        OperatorError: a guard has found something that no waiver covers; the message lists all of it.
    """
    failed = check(read_synthesis(folder, environments)).failed
    if failed:
        listed = "".join(f"\n  {finding}" for finding in failed)
        raise OperatorError(
            f"what was synthesized is not safe, and was not written:{listed}",
            remedy=f"mend each, or waive it with a reason and a day of review in {waivers.FILE.name}",
        )


def _is_ours(control: str) -> bool:
    return not control.startswith("CKV")
