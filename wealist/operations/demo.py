"""The whole life of the system in one embedded AWS, each claim checked as it goes.

bootstrap → account → prod ┐             ┌ dev: Multi-AZ on, and off again
                      dev  ┴ second plan ┤
                                         └ prod refuses destruction; dev is destroyed, and nothing is left
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
from wealist.operations import aws_holdings
from wealist.operations.emulated import synthesized_for, wait
from wealist.operations.life import ACCOUNT, BOOTSTRAP, Life, changes, together
from wealist.progress import step
from wealist.spec.environments import load

DEV: Final = "dev"
PROD: Final = "prod"
STACKS: Final = (BOOTSTRAP, ACCOUNT, PROD, DEV)
SWITCHED: Final = {"aws_db_instance": ["update"], "aws_elasticache_replication_group": ["update"]}
"""What the Multi-AZ switch changes: one of each type, in place."""


@dataclass
class Story:
    """What was claimed, what should have been seen, and what was."""

    rows: list[tuple[str, object, object]] = field(default_factory=list)

    def tell(self, claim: str, seen: object, expected: object = True) -> None:  # noqa: FBT002 -- a value like others
        """Add a claim."""
        self.rows.append((claim, seen, expected))

    @property
    def holds(self) -> bool:
        """Whether every claim is true."""
        return all(seen == expected for _, seen, expected in self.rows)

    def table(self, seconds: float) -> Table:
        """The claims, one in a line."""
        table = Table("claim", "seen", title=f"The life of {len(STACKS)} stacks in {seconds / 60:.1f} minutes")
        for claim, seen, expected in self.rows:
            if seen == expected:
                table.add_row(claim, f"[green]{'yes' if seen is True or isinstance(seen, dict) else seen}[/]")
            else:
                table.add_row(claim, f"[bold red]{seen}, not {expected}[/]")
        return table


def demo(*, keep: bool) -> None:
    """Tell the story; end with exit code 1 if a claim is not true.

    Args:
        keep: Leave the embedded AWS up afterwards, until Ctrl-C.
    """
    if keep:
        refuse_second()
    started = time.monotonic()
    base = project.WORK / "lives" / "demo"
    story = Story()
    with project.exclusive("the demo"), ExitStack() as opened:
        stacks = synthesized_for(base) / "stacks"
        aws = opened.enter_context(EmulatedAws(seeds=(), log=base / "aws.log"))
        life = Life(aws.environment(), stacks=stacks, base=base)
        try:
            _apply_everything(life, story)
            _switch_multi_az(life, story, base)
            _refuse(life, story)
            _destroy_dev(life, story)
        finally:  # what was seen before a step failed, too
            Console().print(story.table(time.monotonic() - started))
        if keep:
            opened.enter_context(publish(aws))()
            wait(life)
    if not story.holds:
        raise ToolFailedError(FAILURE)


def _apply_everything(life: Life, story: Story) -> None:
    plans = {stack: life.apply(stack) for stack in (BOOTSTRAP, ACCOUNT)}
    with step("apply prod and dev at the same time"):
        plans |= together(life.apply, [PROD, DEV])
    for stack, plan in plans.items():
        made = len(changes(plan))
        story.tell(f"{stack}: resources applied", _resources(life, stack), made)
    with step("plan every stack again"):
        again = together(life.plan, STACKS)
    for stack, plan in again.items():
        story.tell(f"{stack}: changes in a second plan", len(changes(plan)), 0)


def _resources(life: Life, stack: str) -> int:
    """Managed resources in a stack's state, as Terraform reads it back from the bucket."""
    resources = life.terraform(stack).state()["resources"]
    return sum(len(resource["instances"]) for resource in resources if resource["mode"] == "managed")


def _switch_multi_az(life: Life, story: Story, base: Path) -> None:
    """Switch dev's Multi-AZ on and off again, as a changed value in its file would."""
    (committed,) = load([DEV])
    as_committed = life.folder(DEV)
    with step("synthesize dev with Multi-AZ on"):
        values = committed.model_copy(update={"enable_multi_az": True}).model_dump_json()
        project.synthesize_variant(values, base / "multi-az")
    for position, folder in (("on", project.stack_folder(DEV, base / "multi-az")), ("off", as_committed)):
        life.synthesized_as(DEV, folder)
        plan = life.apply(DEV)
        story.tell(
            f"dev: Multi-AZ {position} updates the database and Redis, and nothing else", _by_type(plan), SWITCHED
        )
        with step("plan dev again"):
            left = changes(life.plan(DEV))
        story.tell(f"dev: changes in a plan after Multi-AZ {position}", len(left), 0)


def _by_type(plan: Mapping[str, Any]) -> dict[str, list[str]]:
    """Type → actions of all its resources, for those that a plan changes."""
    found: dict[str, list[str]] = {}
    for address, actions in changes(plan).items():
        found.setdefault(address.split(".")[-2], []).extend(actions)
    return found


def _refuse(life: Life, story: Story) -> None:
    with step("prod: terraform plan -destroy"):
        refused = life.terraform(PROD).run("plan", "-destroy", capture=True, check=False)
    story.tell("prod: a plan to destroy is refused", "prevent_destroy" in refused.stderr)


def _destroy_dev(life: Life, story: Story) -> None:
    before, after = aws_holdings.around(life.client, DEV, lambda: life.destroy(DEV))
    story.tell("dev: AWS counted something of it before its destruction", before.own.total() > 0)
    story.tell("dev: AWS counts of it afterwards", after.own.total(), 0)
    for kind, left in after.own.items():
        story.tell(f"dev: {kind} left", left, 0)
    story.tell("what AWS counts of the others, unchanged", after.others.total(), before.others.total())
    with step("plan the other stacks again"):
        again = together(life.plan, [BOOTSTRAP, ACCOUNT, PROD])
    story.tell("changes in the other stacks' plans after that", sum(len(changes(plan)) for plan in again.values()), 0)
