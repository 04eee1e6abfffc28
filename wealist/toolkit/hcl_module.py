"""Calls HCL modules of `modules/`, and checks each call against the module's declarations before Terraform runs.

    inputs of the call ───┐
    variables.tf, … ──────┼─► one error with every unknown or missing input, and every provider that does not fit
    installed bindings ───┘

cdktf passes inputs to a module unchecked, so a misspelt name would fail at `terraform plan`, or never. `terraform
validate` checks the types of inputs. Each stack requires exactly the version of the AWS provider that the bindings were
generated for; a module that excludes that version would fail at `terraform init`.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from cdktf import TerraformHclModule
from constructs import Construct

from wealist.errors import BAD_INPUT, OperatorError
from wealist.model import provider
from wealist.model.hcl import parse
from wealist.model.version_constraint import admits
from wealist.toolkit.stack import stack_of

MODULES: Final = Path(__file__).parents[2] / "modules"


class HclModule(TerraformHclModule):
    """One call of a module. The stack copies the module's folder to `./modules/<name>`, beside its JSON."""

    def __init__(self, scope: Construct, id_: str, *, module: str, variables: Mapping[str, object]) -> None:
        """Add the call to a stack.

        Args:
            scope: Inside a `ReadableStack`.
            id_: Construct id.
            module: Name of the module's folder in `modules/`.
            variables: Every required variable, and any optional one.

        Raises:
            ModuleContractError: A variable is unknown or missing, or the module requires a provider that does not fit.
        """
        folder = MODULES / module
        check_module_call(folder, variables)
        super().__init__(
            scope,
            id_,
            source=f"./modules/{module}",
            variables=dict(variables),
            # cdktf would copy the module into a folder named by a hash; the stack copies it to a readable one.
            skip_asset_creation_from_local_modules=True,
        )
        self._folder = folder
        stack_of(self).modules[module] = folder

    def output(self, name: str) -> str:
        """Return a token for an output of the module.

        Raises:
            ModuleContractError: The module has no such output.
        """
        check_module_output(self._folder, name)
        return self.get_string(name)


class ModuleContractError(OperatorError):
    """A folder is not a module, or a call does not match the module's declarations.

    Attributes:
        problems: One line each, with its own remedy.
    """

    def __init__(self, module_dir: Path, problems: list[str], *, remedy: str) -> None:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"module {module_dir.name} ({module_dir}):{lines}", remedy=remedy, exit_code=BAD_INPUT)
        self.problems = tuple(problems)


@dataclass(frozen=True)
class _Declarations:
    """What a module declares.

    Attributes:
        required: Variable → whether a call must pass it.
        outputs: Names of the outputs.
        providers: Required provider → constraint on its version; empty for none.
    """

    required: Mapping[str, bool]
    outputs: frozenset[str]
    providers: Mapping[str, str]


def check_module_call(module_dir: Path, inputs: Mapping[str, object]) -> None:
    """Reject a call whose inputs, or whose module's required providers, do not fit.

    Args:
        module_dir: Folder of the module.
        inputs: Variable → value. None counts as not passed, as in cdktf.

    Raises:
        ModuleContractError: With every input and provider that does not fit.
        OperatorError: A file of the module does not parse.
    """
    module = _read(module_dir.resolve())
    required = module.required
    problems = [f"{name}: unknown variable; {_nearest(name, required)}" for name in inputs if name not in required]
    problems += [
        f"{name}: required, but not passed; pass a value"
        for name, is_required in required.items()
        if is_required and inputs.get(name) is None
    ]
    problems += filter(None, (_provider_problem(*each) for each in module.providers.items()))
    if problems:
        raise ModuleContractError(module_dir, problems, remedy="change the call, or what the module declares")


def check_module_output(module_dir: Path, name: str) -> None:
    """Reject an unknown output.

    Raises:
        ModuleContractError: With the outputs whose names are most similar.
    """
    outputs = module_outputs(module_dir)
    if name not in outputs:
        problem = f"{name}: unknown output; {_nearest(name, outputs)}"
        raise ModuleContractError(module_dir, [problem], remedy="ask for another output, or declare this one")


def module_outputs(module_dir: Path) -> frozenset[str]:
    """Return the names of a module's outputs."""
    return _read(module_dir.resolve()).outputs


@functools.lru_cache
def _read(module_dir: Path) -> _Declarations:
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
    return _Declarations(required, outputs, providers)


def _provider_problem(name: str, constraint: str) -> str | None:
    """Return why a stack cannot pass a provider to a module; None if it can."""
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
    return f"known are: {', '.join(sorted(known)) or 'none'}"
