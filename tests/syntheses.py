"""Syntheses for tests of checks: unchanged, or with a fault seeded into their JSON."""

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
"""A function that changes a stack's JSON in place."""


@dataclass(frozen=True)
class Fault:
    """A change that makes the system unsafe, and the control that must report it.

    Attributes:
        name: `postgresql opened to the world`.
        stack: The stack to change; several names are separated by spaces.
        edit: The change.
        control: The control that must report it.
    """

    name: str
    stack: str
    edit: Edit
    control: str


def synthesis(*environments: Environment) -> Synthesis:
    """Return a synthesis of some environments; by default, of dev and prod, with all their resources accepted."""
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
    """Return a synthesis of one environment's stack, without the account's and the bootstrap stack."""
    stack = parse(synthesized(config).document, Path(config.name, "cdk.tf.json"))
    return Synthesis({config.name: stack}, {config.name: config})


def mutated(before: Synthesis, stack: str, edit: Edit) -> Synthesis:
    """Return a copy of a synthesis in which an edit changes one or more stacks, whose names are separated by spaces.

    Raises:
        AssertionError: The edit changes nothing.
    """
    changed = dict(before.stacks)
    for name in stack.split():
        document = copy_json(before.stacks[name].document)
        edit(document)
        assert document != before.stacks[name].document, f"the edit of {name} changes nothing"
        changed[name] = parse(document, before.stacks[name].path)
    return Synthesis(changed, before.environments, before.accepted)


def copy_json(value: Any) -> Any:
    """Return a copy of JSON, three times as fast as `copy.deepcopy`, which inspects the type of every string."""
    if isinstance(value, Mapping):
        return {name: copy_json(each) for name, each in value.items()}
    return [copy_json(each) for each in value] if isinstance(value, list) else value


def with_modules(folder: Path, before: Synthesis) -> Synthesis:
    """Return a synthesis whose stacks call the modules of `folder/modules`."""
    path = folder / "cdk.tf.json"
    return replace(before, stacks={name: parse(stack.document, path) for name, stack in before.stacks.items()})


def copy_modules(folder: Path) -> Path:
    """Copy this project's modules to `folder/modules`, where a synthesis expects them, next to the JSON."""
    ignore = shutil.ignore_patterns("tests", "README.md", ".terraform*")
    return Path(shutil.copytree(ROOT / "modules", folder / "modules", ignore=ignore))
