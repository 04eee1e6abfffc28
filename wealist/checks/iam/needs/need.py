"""A need: who must be able to do what, on what, and why. What no need covers is too much."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from wealist.model.iam.evaluate import Grant, like, listed


@dataclass(frozen=True, kw_only=True)
class Need:
    """What one principal needs.

    Attributes:
        who: a role's name, a service's principal, or what else a resource policy names (see `tied.py`).
        why: the section of the architecture, the decision, or what AWS asks for.
        actions: `service:Action`.
        on: ARN patterns, none wider than the need.
        when: condition key → values that a grant must be held to, each key by one of the operators that need the key.
        by_beginning: a grant may name a whole first word, `ec2:Create*` for `ec2:CreateVpc`: an IAM policy is too short
            for a list of all that the pipeline calls.
    """

    who: str
    why: str
    actions: tuple[str, ...]
    on: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_beginning: bool = False

    def covers(self, grant: Grant) -> bool:
        """Whether a grant is within the need."""
        return (
            grant.action.partition(":")[0] in self._services
            and (grant.action in self._beginnings or any(like(grant.action, action) for action in self._patterns))
            and any(like(grant.resource, pattern) for pattern in self.on)
            and self._holds(grant)
        )

    def meets(self, grant: Grant, action: str) -> bool:
        """Whether a grant gives one of the need's actions."""
        if not self.by_beginning:
            return like(grant.action, action)
        return action.startswith(grant.action.removesuffix("*"))

    def _holds(self, grant: Grant) -> bool:
        if not self.when:
            return True
        asked = {key.lower(): listed(values) for block in grant.conditions.values() for key, values in block.items()}
        return all(
            key.lower() in asked and all(any(like(value, each) for each in patterns) for value in asked[key.lower()])
            for key, patterns in self.when.items()
        )

    @cached_property
    def _services(self) -> frozenset[str]:
        return frozenset(action.partition(":")[0] for action in self.actions)

    @cached_property
    def _patterns(self) -> tuple[str, ...]:
        return () if self.by_beginning else self.actions

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return (
            frozenset(each for action in self.actions for each in beginnings(action))
            if self.by_beginning
            else frozenset()
        )


def beginnings(action: str) -> Iterator[str]:
    """`ec2:CreateVpc` → itself, and `ec2:Create*`, `ec2:CreateVpc*`: never less than a whole word."""
    service, _, verb = action.partition(":")
    yield action
    for end in range(1, len(verb) + 1):
        if end == len(verb) or (verb[end].isupper() and verb[end - 1].islower()):
            yield f"{service}:{verb[:end]}*"


def actions(text: str) -> tuple[str, ...]:
    """`"ecr: PutImage BatchGetImage  kms: Decrypt"` → each as `service:Action`."""
    found: list[str] = []
    service = ""
    for word in text.split():
        if word.endswith(":"):
            service = word
        else:
            found.append(f"{service}{word}")
    return tuple(found)
