"""Apply the stacks to ministack with the pipeline's roles, and observe what differs from AWS.

root: bootstrap, account ─► apply role: dev, prod ─► root: the rest of both ─► plan roles: plan each stack again
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
    """An error, or a change in a second plan, which AWS would not have.

    Attributes:
        step: The step that failed: `apply` by the apply role, `complete` by the root, `read` by the plan role; or
            `change` for a change in the second plan.
        stack: The stack.
        address: The address of the resource.
        says: The error, or the planned action: `replace`.
    """

    step: str
    stack: str
    address: str
    says: str

    def __str__(self) -> str:
        return f"{self.step} {self.stack} {self.address}: {self.says}"


def apply_stacks(aws: Ministack, account: Account, folder: Path) -> list[Observation]:
    """Apply every stack, and return the observations.

    Args:
        aws: An empty account.
        account: Credentials for the roles of this account.
        folder: The folder for Terraform's work folders.
    """
    stacks = synthesize(folder)
    root = EmulatedStacks(aws.environment(), stacks=stacks, base=folder / "root")
    root.apply(BOOTSTRAP)
    completed = {ACCOUNT: _observe("complete", ACCOUNT, root, "apply", "-auto-approve")}
    applying = EmulatedStacks(account.assume(APPLY_ROLE), stacks=stacks, base=folder / "apply-role")
    applied = run_concurrently(lambda stack: _observe("apply", stack, applying, "apply", "-auto-approve"), NAMES)
    completed |= run_concurrently(lambda stack: _observe("complete", stack, root, "apply", "-auto-approve"), NAMES)
    planned = (ACCOUNT, *NAMES)
    planning = {
        stack: EmulatedStacks(account.assume(plan_role(stack)), stacks=stacks, base=folder / "plan-roles")
        for stack in planned
    }
    read = run_concurrently(lambda stack: _observe("read", stack, planning[stack], "plan", "-lock=false"), planned)
    return [each for found in (applied, completed, read) for some in found.values() for each in some]


def synthesize(folder: Path) -> Path:
    """Synthesize the tests' environments, and return the folder of the stacks."""
    project = copy_project(folder / "project")
    done = run_python("main.py", cwd=project)
    if done.returncode:
        raise SystemExit(done.stderr)
    return project / "cdktf.out" / "stacks"


def _observe(step: str, stack: str, emulated: EmulatedStacks, *command: str) -> list[Observation]:
    """Run Terraform, and return its errors and, for a second plan, its changes."""
    printed = emulated.terraform(stack).run(*command, "-json", capture=True, check=False).stdout
    events = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    errors = [event["diagnostic"] for event in events if event["type"] == "diagnostic"]
    changes = [event["change"] for event in events if event["type"] == "planned_change" and step == "read"]
    return [
        Observation(step, stack, each.get("address", ""), " ".join(f"{each['summary']} {each['detail']}".split()))
        for each in errors
        if each["severity"] == "error"
    ] + [Observation("change", stack, each["resource"]["addr"], each["action"]) for each in changes]
