"""The stacks in an account at the witness, as the pipeline's roles make them there.

root: bootstrap, account ─► apply role: dev, prod ─► root: what the witness refused ─► plan roles: each reads its stack
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.environments import NAMES
from tests.unit.copies import copy_project, run_python
from tests.witness.roles import Account
from tests.witness.server import Ministack
from wealist.checks.iam.pipeline_roles import plan_role
from wealist.operations.emulated_stacks import ACCOUNT, BOOTSTRAP, EmulatedStacks, run_concurrently

APPLY_ROLE: Final = "wealist-terraform-apply-role"


@dataclass(frozen=True)
class Observation:
    """Something that is not as at AWS, or as a role needs it.

    Attributes:
        step: `apply` by the role, `complete` by the root, `read` by the role that plans: what failed; `change`: what a
            second plan would do.
        stack: In which stack.
        address: Of the resource.
        says: The error, or what would be done: `replace`.
    """

    step: str
    stack: str
    address: str
    says: str

    def __str__(self) -> str:
        return f"{self.step} {self.stack} {self.address}: {self.says}"


def lives(aws: Ministack, account: Account, folder: Path) -> list[Observation]:
    """Make every stack. Returns what was observed.

    Args:
        aws: An empty account.
        account: The same, as its roles see it.
        folder: For work folders.
    """
    stacks = synthesized(folder)
    root = EmulatedStacks(aws.environment(), stacks=stacks, base=folder / "root")
    root.apply(BOOTSTRAP)
    completed = {ACCOUNT: _observed("complete", ACCOUNT, root, "apply", "-auto-approve")}
    applying = EmulatedStacks(account.assume(APPLY_ROLE), stacks=stacks, base=folder / "apply-role")
    applied = run_concurrently(lambda stack: _observed("apply", stack, applying, "apply", "-auto-approve"), NAMES)
    completed |= run_concurrently(lambda stack: _observed("complete", stack, root, "apply", "-auto-approve"), NAMES)
    planned = (ACCOUNT, *NAMES)
    planning = {
        stack: EmulatedStacks(account.assume(plan_role(stack)), stacks=stacks, base=folder / "plan-roles")
        for stack in planned
    }
    read = run_concurrently(lambda stack: _observed("read", stack, planning[stack], "plan", "-lock=false"), planned)
    return [each for found in (applied, completed, read) for some in found.values() for each in some]


def synthesized(folder: Path) -> Path:
    """Synthesize the environments of the tests. Returns the folder of the stacks."""
    project = copy_project(folder / "project")
    done = run_python("main.py", cwd=project)
    if done.returncode:
        raise SystemExit(done.stderr)
    return project / "cdktf.out" / "stacks"


def _observed(step: str, stack: str, life: EmulatedStacks, *command: str) -> list[Observation]:
    """Run Terraform. Returns its errors, and the changes of a plan, which should have none."""
    printed = life.terraform(stack).run(*command, "-json", capture=True, check=False).stdout
    events = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    errors = [event["diagnostic"] for event in events if event["type"] == "diagnostic"]
    changes = [event["change"] for event in events if event["type"] == "planned_change" and step == "read"]
    return [
        Observation(step, stack, each.get("address", ""), " ".join(f"{each['summary']} {each['detail']}".split()))
        for each in errors
        if each["severity"] == "error"
    ] + [Observation("change", stack, each["resource"]["addr"], each["action"]) for each in changes]
