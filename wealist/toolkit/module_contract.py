"""Holds a call of an HCL module to what the module declares, before Terraform ever runs.

    inputs of the call ─┐
                        ├─► every unknown, missing and wrongly typed input, in one error
    variables.tf, … ────┘

cdktf passes any input to a module without a look at it: a misspelt name would surface at `terraform plan`, or never.
"""

import contextlib
import functools
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, cast

from wealist.errors import BAD_INPUT, OperatorError
from wealist.toolkit.hcl_types import Type, misfits, nearest, parse_type
from wealist.toolkit.loading import user_cache

_DECLARATION: Final = re.compile(r"^\s*(variable|output)\s", re.MULTILINE)


class ModuleContractError(OperatorError):
    """A module cannot be read, or a call does not fit it.

    Attributes:
        problems: one line each, with its own remedy.
    """

    def __init__(self, module_dir: Path, problems: list[str], *, remedy: str) -> None:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"module {module_dir.name} ({module_dir}):{lines}", remedy=remedy, exit_code=BAD_INPUT)
        self.problems = tuple(problems)


@dataclass(frozen=True)
class _Variable:
    type: Type
    required: bool
    file: str


@dataclass(frozen=True)
class _Module:
    variables: Mapping[str, _Variable]
    outputs: frozenset[str]


def check_module_call(module_dir: Path, inputs: Mapping[str, object]) -> None:
    """Refuses a call that the module would not take.

    Args:
        module_dir: the folder of the module.
        inputs: what the call passes, by variable. `None` counts as not given, as it does for cdktf.

    Raises:
        ModuleContractError: with everything that is wrong with the call, or why the module cannot be read.
    """
    variables = _read(module_dir.resolve()).variables
    problems = []
    for name, value in inputs.items():
        if name not in variables:
            problems.append(f"{name}: there is no such variable in variables.tf; {nearest(name, variables)}")
        elif value is not None:
            wanted = variables[name]
            problems += [f"{problem} ({wanted.file})" for problem in misfits(name, wanted.type, value)]
    problems += [
        f"{name}: required, but not given; pass a value of type {wanted.type} ({wanted.file})"
        for name, wanted in variables.items()
        if wanted.required and inputs.get(name) is None
    ]
    if problems:
        raise ModuleContractError(module_dir, problems, remedy="change the call, or the module's variables")


def check_module_output(module_dir: Path, name: str) -> None:
    """Refuses to ask a module for an output that it does not have.

    Raises:
        ModuleContractError: with the nearest outputs that there are.
    """
    outputs = module_outputs(module_dir)
    if name not in outputs:
        problem = f"{name}: there is no such output in outputs.tf; {nearest(name, outputs)}"
        raise ModuleContractError(module_dir, [problem], remedy="ask for another output, or declare this one")


def module_outputs(module_dir: Path) -> frozenset[str]:
    """The names of everything that a module returns."""
    return _read(module_dir.resolve()).outputs


@functools.lru_cache
def _read(module_dir: Path) -> _Module:
    """Reads a module, once per process. Files that declare neither variables nor outputs are not parsed."""
    files = sorted(module_dir.glob("*.tf"))
    if not files:
        raise ModuleContractError(module_dir, ["has no *.tf file"], remedy="name the folder of a Terraform module")
    variables: dict[str, _Variable] = {}
    outputs: set[str] = set()
    for file in files:
        text = file.read_text(encoding="utf-8")
        if not _DECLARATION.search(text):
            continue
        document = _parse(file, text)
        outputs.update(name for block in document.get("output", []) for name in block)
        for block in document.get("variable", []):
            for name, body in block.items():
                variables[name] = _Variable(_type_of(file, name, body), "default" not in body, file.name)
    return _Module(variables, frozenset(outputs))


def _parse(file: Path, text: str) -> dict[str, Any]:
    """What a file says, kept between runs: hcl2 and its grammar take longer to load than most stacks to build."""
    kept = user_cache() / "hcl" / f"{hashlib.sha256(text.encode()).hexdigest()}-{version('python-hcl2')}.json"
    with contextlib.suppress(OSError, ValueError):
        return cast("dict[str, Any]", json.loads(kept.read_text(encoding="utf-8")))
    document = _parse_afresh(file, text)
    with contextlib.suppress(OSError):  # a cache that cannot be written is no reason to fail
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(document), encoding="utf-8")
        draft.replace(kept)
    return document


def _parse_afresh(file: Path, text: str) -> dict[str, Any]:
    import hcl2  # noqa: PLC0415  # only for a file that was never read before
    from lark.exceptions import LarkError  # noqa: PLC0415  # the same

    options = hcl2.SerializationOptions(with_comments=False, strip_string_quotes=True)
    try:
        document: dict[str, Any] = hcl2.loads(text, serialization_options=options)
    except LarkError as error:
        problem = f"{file.name} does not parse: {str(error).splitlines()[0]}"
        raise ModuleContractError(file.parent, [problem], remedy="see what `terraform fmt` says about it") from error
    return document


def _type_of(file: Path, name: str, body: Mapping[str, Any]) -> Type:
    written = str(body.get("type", "any"))
    if written.startswith("${"):  # how hcl2 marks an expression that is more than a name
        written = written[2:-1]
    try:
        return parse_type(written)
    except ValueError as error:
        problem = f"{name}: is of a type that Terraform does not know, {error} ({file.name})"
        raise ModuleContractError(file.parent, [problem], remedy="correct the variable's type") from error
