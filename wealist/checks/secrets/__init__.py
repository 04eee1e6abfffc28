"""No secret in anything synthesized: not in the JSON, not in what instances run at their first start.

    every string of the JSON            ─ looks like a token, random, or like `password=…`    secrets.token
    arguments whose name says secret    ─ no reference to what was generated                  secrets.argument
    what generates or holds a secret    ─ handed to anything else, wrapped or whole           secrets.flow
    parameters that are read            ─ of this stack, or public                            secrets.flow
    data sources                        ─ none whose id, which Terraform prints, is a secret  secrets.printed
    files of the called modules         ─ the same as of strings                              secrets.token
    other files                         ─ read by an expression, or uploaded                  secrets.unread

Write-only arguments keep values out of state, not out of the JSON: they are held to the same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.secrets.assignments import assigned_in
from wealist.checks.secrets.holders import (
    GENERATED,
    PARAMETER,
    PUBLIC,
    held_in,
    is_secret_parameter,
    says_secret,
)
from wealist.checks.secrets.tokens import beginning, secrets_in
from wealist.model.stack import Resource, StackJson
from wealist.project import ROOT
from wealist.spec.parameters import PLACEHOLDER

TOKEN: Final = "secrets.token"  # noqa: S105  a control's id
ARGUMENT: Final = "secrets.argument"
FLOW: Final = "secrets.flow"
PRINTED: Final = "secrets.printed"
UNREAD: Final = "secrets.unread"
_GENERATE: Final = "generate it (an ephemeral resource into a write-only argument), or let the operator set it in SSM"
_HARMLESS: Final = frozenset({"", PLACEHOLDER, "true", "false", "required", "optional"})
_READS_FILES: Final = re.compile(r"\b(?:file|filebase64|fileset|templatefile)\(")
_UPLOADS: Final = "aws_s3_object"


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Every secret that a synthesis shows; nothing is the proof."""
    for name in sorted(synthesis.stacks):
        stack = synthesis.stacks[name]
        yield from _in_json(stack)
        yield from _by_data_sources(stack)
        yield from _in_modules(stack)


def _in_json(stack: StackJson) -> Iterator[Finding]:
    things: list[tuple[str, Any]] = [
        (each.address, each) for each in (*stack.resources.values(), *stack.data.values(), *stack.modules.values())
    ]
    rest = {
        key: value for key, value in stack.document.items() if key not in {"resource", "data", "ephemeral", "module"}
    }
    things += [(stack.name if key == "//" else key, value) for key, value in rest.items()]
    for address, thing in things:
        values = thing.values if isinstance(thing, Resource) else thing
        for key, text in _strings(values):
            for control, problem, remedy in _problems(stack, thing, key, text):
                yield Finding(stack.name, address, control, problem, remedy)


def _problems(stack: StackJson, thing: object, key: str, text: str) -> Iterator[tuple[str, str, str]]:
    """What is wrong with one string: control, problem, remedy."""
    for what, shown in _shown(text):
        yield TOKEN, f"{key} holds {what}: {shown}", _GENERATE
    if ("${" in text and _READS_FILES.search(text)) or (
        key == "source" and isinstance(thing, Resource) and thing.type == _UPLOADS
    ):
        yield UNREAD, f"{key} takes a file that nothing here reads: {beginning(text)}", "take it from a module"
    parameter = thing if isinstance(thing, Resource) and is_secret_parameter(thing) else None
    held = held_in(stack, text)
    if not says_secret(key) and not (parameter and key in {"value", "value_wo"}):
        if held:
            remedy = "hand secrets to SecureString parameters and to arguments for secrets alone"
            yield FLOW, f"{key} holds the secret of {', '.join(sorted(set(held)))}", remedy
    elif text not in _HARMLESS and not (held and stack.target(text)):
        yield ARGUMENT, f"{key} is no reference to what was generated: {beginning(text)}", _GENERATE
    elif parameter and (key == "value" or text.startswith("${data.")):
        yield ARGUMENT, f"{key} leaves the secret in the state", "write an ephemeral one by value_wo"


def _by_data_sources(stack: StackJson) -> Iterator[Finding]:
    """Data sources that print a secret, or read one of another stack. Ephemeral resources print no id."""
    for address, source in stack.data.items():
        if not address.startswith("data."):
            continue
        if source.type == GENERATED:
            problem = "its id is the password, and Terraform prints the id of each data source that it reads"
            yield Finding(stack.name, address, PRINTED, problem, _GENERATE)
        name = source.get("name")
        if source.type == PARAMETER and not str(name).startswith(PUBLIC):
            read = stack.target(name)
            if read is None or read.type != PARAMETER:
                problem = f"reads a parameter that this stack does not create: {name}"
                yield Finding(stack.name, address, FLOW, problem, "name a parameter of this stack by a reference")


def _strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string below a JSON value, with the key that it stands at, keys themselves too."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield key, name
            yield from _strings(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, key)


@lru_cache(maxsize=8192)
def _shown(text: str) -> tuple[tuple[str, str], ...]:
    """Environments are much alike: most strings of one are looked at in the other."""
    return (*secrets_in(text), *assigned_in(text))


def _in_modules(stack: StackJson) -> Iterator[Finding]:
    for call in stack.modules.values():
        source = str(call.get("source"))
        folder = next((each for each in _places(stack, source) if each.is_dir()), None)
        if folder is None:
            remedy = "run `python main.py` again, and leave its output as it is"
            yield Finding(stack.name, call.address, UNREAD, f"its source {source} is no folder", remedy)
            continue
        for file, what, shown in _in_folder(folder):
            problem = f"{file} of {source} holds {what}: {shown}"
            yield Finding(stack.name, call.address, TOKEN, problem, _GENERATE)


def _places(stack: StackJson, source: str) -> tuple[Path, Path]:
    """Where a module lies: beside the JSON, or where that was copied from."""
    return stack.path.parent / source, ROOT / "modules" / Path(source).name


@lru_cache(maxsize=64)
def _in_folder(folder: Path) -> tuple[tuple[str, str, str], ...]:
    """Every secret below a folder: file, what it is, and its beginning. What Terraform keeps there is left out."""
    files = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return tuple(
        (str(inside), *found)
        for inside, path in files.items()
        if not any(part.startswith(".") for part in inside.parts)
        for found in _in_text(path.read_text(encoding="utf-8", errors="replace"))
    )


@lru_cache(maxsize=256)
def _in_text(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(found for line in text.splitlines() for found in (*secrets_in(line), *assigned_in(line)))
