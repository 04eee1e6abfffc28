"""The input and the output of every check: a synthesis, and findings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from wealist.checks.accepted import Accepted
from wealist.model.stack import Holdings, StackJson
from wealist.spec.environment import Environment


@dataclass(frozen=True, order=True)
class Finding:
    """A violation of one control by one resource.

    Attributes:
        stack: The stack's name.
        address: The Terraform address; for a missing resource, the address of the one that needs it.
        control: The control's id: AWS's (`S3.5`) where AWS has one, else ours (`reachability.internet`).
        problem: The violation, with the value that causes it.
        remedy: An instruction that removes the violation.
    """

    stack: str
    address: str
    control: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        """Return one line for an operator."""
        return f"{self.stack}: {self.address} [{self.control}] {self.problem}; {self.remedy}"


@dataclass(frozen=True)
class Synthesis:
    """The output of one synthesis and its input.

    Attributes:
        stacks: Every stack, by name.
        environments: The description of each environment, by the name of its stack.
        accepted: The accepted state of the project; empty for environments that are not committed.
    """

    stacks: Mapping[str, StackJson]
    environments: Mapping[str, Environment]
    accepted: Accepted = field(default_factory=Accepted)

    @property
    def holdings(self) -> dict[str, Holdings]:
        """Return the content of each stack, as the inventory describes it."""
        return {name: stack.holdings for name, stack in self.stacks.items()}


Guard = Callable[[Synthesis], Iterable[Finding]]
"""A check of a whole synthesis. A proof is a guard that must return no finding."""
