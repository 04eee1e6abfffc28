"""Compares a call of an HCL module with the module's own declarations, before Terraform runs.

    inputs of the call ───┐
    variables.tf, … ──────┼─► every unknown and missing input, and a provider that no stack has, in one error
    installed bindings ───┘

cdktf passes any input to a module unchecked: a misspelt name would surface at `terraform plan`, or never. The types of
the inputs are checked by `terraform validate`. Each stack requires exactly the version of the AWS provider that the
bindings were made for: a module that excludes it would fail at `terraform init`.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from wealist.errors import BAD_INPUT, OperatorError
from wealist.model import provider
from wealist.model.constraint import admits
from wealist.model.hcl import parse


class ModuleContractError(OperatorError):
    """A folder is no module, or a call does not match the module's declarations.

    Attributes:
        problems: one line each, with its own remedy.
    """

    def __init__(self, module_dir: Path, problems: list[str], *, remedy: str) -> None:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"module {module_dir.name} ({module_dir}):{lines}", remedy=remedy, exit_code=BAD_INPUT)
        self.problems = tuple(problems)


@dataclass(frozen=True)
class _Module:
    """What a module declares.

    Attributes:
        required: Every variable → whether a call must pass it.
        outputs: The names of its outputs.
        providers: The providers that it requires → the constraint on their versions.
    """

    required: Mapping[str, bool]
    outputs: frozenset[str]
    providers: Mapping[str, str]


def check_module_call(module_dir: Path, inputs: Mapping[str, object]) -> None:
    """Refuse a call with inputs that the module does not declare, or without those that it requires.

    A module that no stack can call is refused as well: its required_providers do not fit the installed bindings.

    Args:
        module_dir: the folder of the module.
        inputs: what the call passes, by variable. `None` counts as not passed, as it does for cdktf.

    Raises:
        ModuleContractError: with every wrong input and provider.
        OperatorError: a file of the module is no HCL.
    """
    module = _read(module_dir.resolve())
    required = module.required
    problems = [
        f"{name}: there is no such variable; {_nearest(name, required)}" for name in inputs if name not in required
    ]
    problems += [
        f"{name}: required, but not passed; pass a value"
        for name, is_required in required.items()
        if is_required and inputs.get(name) is None
    ]
    problems += filter(None, (_unfit(*each) for each in module.providers.items()))
    if problems:
        raise ModuleContractError(module_dir, problems, remedy="change the call, or what the module declares")


def check_module_output(module_dir: Path, name: str) -> None:
    """Refuse an output that a module does not have.

    Raises:
        ModuleContractError: with the nearest outputs that exist.
    """
    outputs = module_outputs(module_dir)
    if name not in outputs:
        problem = f"{name}: there is no such output; {_nearest(name, outputs)}"
        raise ModuleContractError(module_dir, [problem], remedy="ask for another output, or declare this one")


def module_outputs(module_dir: Path) -> frozenset[str]:
    """Return the names of a module's outputs."""
    return _read(module_dir.resolve()).outputs


@functools.lru_cache
def _read(module_dir: Path) -> _Module:
    """Read a module, once per process."""
    files = sorted(module_dir.glob("*.tf"))
    if not files:
        raise ModuleContractError(module_dir, ["has no *.tf file"], remedy="name the folder of a Terraform module")
    documents = [parse(file.read_text(encoding="utf-8"), f"{module_dir.name}/{file.name}") for file in files]
    variables = {name: body for document in documents for name, body in document.get("variable", {}).items()}
    required = {name: "default" not in body for name, body in variables.items()}
    outputs = frozenset(name for document in documents for name in document.get("output", {}))
    settings = (block for document in documents for block in document.get("terraform", []))
    blocks = (block for each in settings for block in each.get("required_providers", []))
    providers = {name: str(body.get("version", "")) for block in blocks for name, body in block.items()}
    return _Module(required, outputs, providers)


def _unfit(name: str, constraint: str) -> str | None:
    """Why a stack cannot give a module the provider that it requires; None where it can."""
    if name != "aws":
        return f"required_providers.{name}: no stack has this provider; do without it"
    try:
        if not constraint or admits(constraint, provider.version()):
            return None
    except ValueError as error:
        return f"required_providers.aws: {error}; write one like >= 5.100"
    excluded = f"{constraint!r} excludes {provider.version()}, which the installed bindings were made for"
    return f"required_providers.aws: {excluded}; widen it"


def _nearest(name: str, known: Iterable[str]) -> str:
    if near := get_close_matches(name, known, n=3):
        return f"did you mean {' or '.join(near)}?"
    return f"there are {', '.join(sorted(known)) or 'none'}"
