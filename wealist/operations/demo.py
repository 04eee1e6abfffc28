"""`wealist demo`: apply, change and destroy the stacks in one embedded AWS, and check a claim at each step.

bootstrap → account → prod ┐             ┌ dev: Multi-AZ on, and off again
                      dev  ┴ second plan ┤
                                         └ prod refuses destruction; dev is destroyed completely
"""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from wealist import project
from wealist.emulator.server import EmulatedAws
from wealist.emulator.shared import publish, refuse_second
from wealist.errors import FAILURE, ToolFailedError
from wealist.operations import object_counts
from wealist.operations.emulated import synthesize_into, wait_for_interrupt
from wealist.operations.emulated_stacks import ACCOUNT, BOOTSTRAP, EmulatedStacks, planned_changes, run_concurrently
from wealist.progress import step
from wealist.spec.environments import load

DEV: Final = "dev"
PROD: Final = "prod"
STACKS: Final = (BOOTSTRAP, ACCOUNT, PROD, DEV)
MULTI_AZ_CHANGES: Final = {"aws_db_instance": ["update"], "aws_elasticache_replication_group": ["update"]}
"""The changes that switch Multi-AZ: one resource of each type, in place."""


@dataclass
class DemoReport:
    """Claims, each with its observed and its expected value."""

    rows: list[tuple[str, object, object]] = field(default_factory=list)

    def add(self, claim: str, observed: object, expected: object = True) -> None:  # noqa: FBT002 -- a value like others
        """Add a claim."""
        self.rows.append((claim, observed, expected))

    @property
    def holds(self) -> bool:
        """Whether every observed value is the expected one."""
        return all(observed == expected for _, observed, expected in self.rows)

    def table(self, seconds: float) -> Table:
        """Return a table with one row per claim."""
        table = Table("claim", "observed", title=f"The demo of {len(STACKS)} stacks in {seconds / 60:.1f} minutes")
        for claim, observed, expected in self.rows:
            if observed == expected:
                value = "yes" if observed is True or isinstance(observed, dict) else observed
                table.add_row(claim, f"[green]{value}[/]")
            else:
                table.add_row(claim, f"[bold red]{observed}, expected {expected}[/]")
        return table


def demo(*, keep: bool) -> None:
    """Run the demo, and print its report.

    Args:
        keep: Keep the embedded AWS running until Ctrl-C.

    Raises:
        ToolFailedError: A claim does not hold; exit code 1.
    """
    if keep:
        refuse_second()
    started = time.monotonic()
    base = project.WORK / "applied" / "demo"
    report = DemoReport()
    with project.exclusive_lock("the demo"), ExitStack() as opened:
        synthesized = synthesize_into(base) / "stacks"
        aws = opened.enter_context(EmulatedAws(seeds=(), log=base / "aws.log"))
        stacks = EmulatedStacks(aws.environment(), stacks=synthesized, base=base)
        try:
            _apply_everything(stacks, report)
            _switch_multi_az(stacks, report, base)
            _plan_to_destroy_prod(stacks, report)
            _destroy_dev(stacks, report)
        finally:  # also print the claims before a failed step
            Console().print(report.table(time.monotonic() - started))
        if keep:
            opened.enter_context(publish(aws))()
            wait_for_interrupt(stacks)
    if not report.holds:
        raise ToolFailedError(FAILURE)


def _apply_everything(stacks: EmulatedStacks, report: DemoReport) -> None:
    plans = {stack: stacks.apply(stack) for stack in (BOOTSTRAP, ACCOUNT)}
    with step("apply prod and dev concurrently"):
        plans |= run_concurrently(stacks.apply, [PROD, DEV])
    for stack, plan in plans.items():
        report.add(f"{stack}: resources applied", _resources(stacks, stack), len(planned_changes(plan)))
    with step("plan every stack again"):
        again = run_concurrently(stacks.plan, STACKS)
    for stack, plan in again.items():
        report.add(f"{stack}: changes in a second plan", len(planned_changes(plan)), 0)


def _resources(stacks: EmulatedStacks, stack: str) -> int:
    """Return the number of managed resources in a stack's state."""
    resources = stacks.terraform(stack).state()["resources"]
    return sum(len(resource["instances"]) for resource in resources if resource["mode"] == "managed")


def _switch_multi_az(stacks: EmulatedStacks, report: DemoReport, base: Path) -> None:
    """Switch Multi-AZ of dev on and off again."""
    (committed,) = load([DEV])
    folder_off = stacks.folder(DEV)
    with step("synthesize dev with Multi-AZ on"):
        values = committed.model_copy(update={"enable_multi_az": True}).model_dump_json()
        project.synthesize_variants([values], [base / "multi-az"])
    for position, folder in (("on", project.stack_folder(DEV, base / "multi-az")), ("off", folder_off)):
        stacks.synthesized_as(DEV, folder)
        changed = _changes_by_type(stacks.apply(DEV))
        report.add(f"dev: Multi-AZ {position} updates only the database and Redis", changed, MULTI_AZ_CHANGES)
        with step("plan dev again"):
            left = planned_changes(stacks.plan(DEV))
        report.add(f"dev: changes in a plan after Multi-AZ {position}", len(left), 0)


def _changes_by_type(plan: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the actions on all resources of each type that a plan changes."""
    found: dict[str, list[str]] = {}
    for address, actions in planned_changes(plan).items():
        found.setdefault(address.split(".")[-2], []).extend(actions)
    return found


def _plan_to_destroy_prod(stacks: EmulatedStacks, report: DemoReport) -> None:
    with step("prod: terraform plan -destroy"):
        refused = stacks.terraform(PROD).run("plan", "-destroy", capture=True, check=False)
    report.add("prod: a plan to destroy is refused", "prevent_destroy" in refused.stderr)


def _destroy_dev(stacks: EmulatedStacks, report: DemoReport) -> None:
    before, after = object_counts.count_before_and_after(stacks.client, DEV, lambda: stacks.destroy(DEV))
    report.add("dev: AWS has objects of it before its destruction", before.own.total() > 0)
    report.add("dev: objects of it in AWS afterwards", after.own.total(), 0)
    for kind, left in after.own.items():
        report.add(f"dev: {kind} left", left, 0)
    report.add("objects of the other stacks in AWS, unchanged", after.others.total(), before.others.total())
    with step("plan the other stacks again"):
        again = run_concurrently(stacks.plan, [BOOTSTRAP, ACCOUNT, PROD])
    changes = sum(len(planned_changes(plan)) for plan in again.values())
    report.add("changes in the other stacks' plans afterwards", changes, 0)
