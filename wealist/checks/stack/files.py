"""Files that Terraform loads besides a stack's JSON: other files of its folder, and the modules that it calls.

https://developer.hashicorp.com/terraform/language/files
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.model.module import Module
from wealist.model.stack import StackJson, duplicate_keys
from wealist.spec.account import STATE_STACK

FILE: Final = "stack.file"
MODULE: Final = "stack.module"
JSON: Final = "stack.json"
_OWN: Final = "cdk.tf.json"
_LOCAL_STATE: Final[Mapping[str, Any]] = {"terraform": {"backend": {"local": {}}}}
_OF_A_MODULE: Final = frozenset({"data", "ephemeral", "locals", "output", "resource", "terraform", "variable"})
_PROVIDER: Final = "hashicorp/aws"


def unexpected(stack: StackJson, folder: Path) -> Iterator[Finding]:
    """Report files of a stack's folder that Terraform loads with the JSON.

    Args:
        stack: The stack.
        folder: The folder in which Terraform runs; it may be missing.
    """
    for path in sorted({*folder.glob("*.tf"), *folder.glob("*.tf.json")}):
        if path.name != _OWN and (problem := _problem(stack, path)):
            remedy = f"delete {path}; only `python main.py` writes the content of a stack"
            yield Finding(stack.name, path.name, FILE, problem, remedy)


def _problem(stack: StackJson, path: Path) -> str | None:
    """Return the problem of a file; None for a file that our guides describe."""
    is_valid = _WRITTEN_BY_OPERATORS.get(path.name)
    if is_valid is None:
        return "is a file that Terraform loads and no guard reads"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        return f"cannot be read: {error}"
    return None if is_valid(stack, document) else f"holds more than its guide describes: {json.dumps(document)[:200]}"


def _is_first_backend(stack: StackJson, document: object) -> bool:
    """Return whether a file keeps the state of the state bucket in a local file: README, First deployment."""
    return stack.name == STATE_STACK and document == _LOCAL_STATE


def _are_imports(stack: StackJson, document: object) -> bool:
    """Return whether a file only imports objects into this stack, as `wealist orphans --out` writes it."""
    blocks = document.get("import") if isinstance(document, dict) and len(document) == 1 else None
    if not isinstance(blocks, list) or not all(
        isinstance(each, dict) and each.keys() == {"to", "id"} for each in blocks
    ):
        return False
    return all(str(block["to"]).partition("[")[0] in stack.resources for block in blocks)


_WRITTEN_BY_OPERATORS: Final[Mapping[str, Callable[[StackJson, Any], bool]]] = {
    "backend_override.tf.json": _is_first_backend,
    "imports.tf.json": _are_imports,
}


def modules(stack: StackJson) -> Iterator[Finding]:
    """Report calls of other modules than the project's, and modules with other blocks than resources and values."""
    for call, arguments in stack.modules.items():
        module = stack.called.get(call)
        if module is None:
            problem = f"its source {arguments.get('source')} is not a folder of ./modules"
            yield Finding(stack.name, call, MODULE, problem, "call a module in modules/")
            continue
        for problem in _problems_of(module):
            remedy = f"move it from {module.source} to the calling stack"
            yield Finding(stack.name, call, MODULE, problem, remedy)


def _problems_of(module: Module) -> Iterator[str]:
    for file in module.texts:
        if file.endswith((".tf.json", "_override.tf")) or file == "override.tf":
            yield f"has {file}, which overrides its other files"
    document = module.document
    if sections := sorted(document.keys() - _OF_A_MODULE):
        yield f"has {', '.join(sections)}: blocks that no guard reads"
    for block in document.get("terraform", []):
        if settings := sorted(block.keys() - {"required_version", "required_providers"}):
            yield f"sets {', '.join(settings)} of Terraform"
        for providers in block.get("required_providers", []):
            others = {name: each for name, each in providers.items() if _source(name, each) != _PROVIDER}
            if others:
                yield f"requires other providers: {', '.join(sorted(others))}"


def _source(name: str, requirement: object) -> object:
    source = requirement.get("source") if isinstance(requirement, Mapping) else None
    return source or f"hashicorp/{name}"


def ambiguous(stack: StackJson) -> Iterator[Finding]:
    """Report duplicate keys in JSON texts: parsers differ in which of the values they use."""
    for resource in stack.resources.values():
        for argument, text in resource.strings:
            if text.startswith("{") and (duplicates := duplicate_keys(text)):
                problem = f"{argument} contains a key twice: {', '.join(duplicates)}"
                yield Finding(stack.name, resource.address, JSON, problem, "keep one of them")
