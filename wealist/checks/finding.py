"""What a guard says of a resource that is not as it must be, and what a guard is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from wealist.checks.accepted import Accepted
from wealist.model.stack import Holdings, StackJson
from wealist.spec.environment import Environment


@dataclass(frozen=True, order=True)
class Finding:
    """One resource that breaks one control.

    Attributes:
        stack: The stack's name.
        address: The Terraform address; of what is missing, the address of what lacks it.
        control: The control's id: AWS's (`S3.5`) where AWS has one, else ours (`reachability.internet`).
        problem: What is wrong, with the value that was found.
        remedy: What to do, as an instruction.
    """

    stack: str
    address: str
    control: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        """One line for an operator."""
        return f"{self.stack}: {self.address} [{self.control}] {self.problem}; {self.remedy}"


@dataclass(frozen=True)
class Synthesis:
    """Everything that one synthesis wrote, and what it was asked for.

    Attributes:
        stacks: Every stack, by name.
        environments: The description of each stack that is an environment, by the same name.
        accepted: What was accepted of the stacks; nothing where the question is about no committed environment.
    """

    stacks: Mapping[str, StackJson]
    environments: Mapping[str, Environment]
    accepted: Accepted = field(default_factory=Accepted)

    @property
    def holdings(self) -> dict[str, Holdings]:
        """What each stack holds, as the inventory describes it."""
        return {name: stack.holdings for name, stack in self.stacks.items()}


Guard = Callable[[Synthesis], Iterable[Finding]]
"""A question that is asked of every synthesis; no finding is a proof."""
