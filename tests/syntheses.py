"""What guards are asked about in tests: syntheses as they are, and with a fault seeded into their JSON."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.synthesized import account_of, environment, stacks, synthesized
from wealist.checks.accepted import Accepted
from wealist.checks.finding import Synthesis
from wealist.model.stack import parse
from wealist.project import ROOT
from wealist.spec.environment import Environment

Edit = Callable[[dict[str, Any]], None]
"""Changes a stack's JSON in place."""


@dataclass(frozen=True)
class Fault:
    """One way to make the system unsafe, and the control that must notice.

    Attributes:
        name: What somebody might have done: `postgresql opened to the world`.
        stack: Whose JSON is changed; of several stacks, their names with spaces between them.
        edit: The change.
        control: The control that must find it.
    """

    name: str
    stack: str
    edit: Edit
    control: str


def synthesis(*environments: Environment) -> Synthesis:
    """Everything that a synthesis writes, accepted: of the tests' environments. Of others nothing is accepted yet."""
    described = environments or (environment("dev"), environment("prod"))
    account = account_of(*environments) if environments else stacks()["account"]
    shared = {"bootstrap": stacks()["bootstrap"].document, "account": account.document}
    documents = shared | {each.name: synthesized(each).document for each in described}
    found = Synthesis(
        {name: parse(document, Path(name, "cdk.tf.json")) for name, document in documents.items()},
        {each.name: each for each in described},
    )
    return found if environments else replace(found, accepted=Accepted(found.holdings))


def environment_only(config: Environment) -> Synthesis:
    """One environment's stack, without those that it shares with others."""
    stack = parse(synthesized(config).document, Path(config.name, "cdk.tf.json"))
    return Synthesis({config.name: stack}, {config.name: config})


def mutated(before: Synthesis, stack: str, edit: Edit) -> Synthesis:
    """Return a synthesis with the JSON of one stack changed, or of several, named with spaces between them.

    The one before stays as it was. An edit that changes nothing fails.
    """
    changed = dict(before.stacks)
    for name in stack.split():
        document = copy_json(before.stacks[name].document)
        edit(document)
        assert document != before.stacks[name].document, f"the edit of {name} changes nothing"
        changed[name] = parse(document, before.stacks[name].path)
    return Synthesis(changed, before.environments, before.accepted)


def copy_json(value: Any) -> Any:
    """Return a copy of JSON, in a third of the time of `copy.deepcopy`, which asks every string about its class."""
    if isinstance(value, Mapping):
        return {name: copy_json(each) for name, each in value.items()}
    return [copy_json(each) for each in value] if isinstance(value, list) else value


def with_modules(folder: Path, before: Synthesis) -> Synthesis:
    """Return a synthesis whose stacks call the modules of `folder/modules`."""
    path = folder / "cdk.tf.json"
    return replace(before, stacks={name: parse(stack.document, path) for name, stack in before.stacks.items()})


def copy_modules(folder: Path) -> Path:
    """Copy this project's modules into `folder/modules`, as a synthesis leaves them beside the JSON."""
    ignore = shutil.ignore_patterns("tests", "README.md", ".terraform*")
    return Path(shutil.copytree(ROOT / "modules", folder / "modules", ignore=ignore))
