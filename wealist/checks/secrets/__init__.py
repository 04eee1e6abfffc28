"""Proof that no secret is in a synthesis: neither in the JSON nor in the scripts that instances run.

    secrets.token      a string of the JSON or a file of a module holds a token, a random string or `password=…`
    secrets.argument   a secret argument is not a reference to a generated secret
    secrets.flow       an argument that is not secret refers to a secret, or a parameter of another stack is read
    secrets.printed    the id of a data source is a secret; Terraform prints the ids of data sources
    secrets.unread     an expression reads, or an object uploads, a file that no check reads

Write-only arguments keep values out of the state, not out of the JSON. The same rules apply to them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.secrets.inline import assigned_secrets
from wealist.checks.secrets.names import (
    GENERATED,
    PARAMETER,
    PUBLIC,
    is_secret_argument,
    is_secret_argument_name,
    referenced_secrets,
)
from wealist.checks.secrets.tokens import preview, secrets_in
from wealist.model.module import Module
from wealist.model.stack import Resource, StackJson, named_strings, strings_in
from wealist.spec.parameters import PLACEHOLDER

TOKEN: Final = "secrets.token"  # noqa: S105  a control's id
ARGUMENT: Final = "secrets.argument"
FLOW: Final = "secrets.flow"
PRINTED: Final = "secrets.printed"
UNREAD: Final = "secrets.unread"
_GENERATE: Final = "generate it (an ephemeral resource into a write-only argument), or let the operator set it in SSM"
_HARMLESS: Final = frozenset({"", PLACEHOLDER, "true", "false", "required", "optional"})
_READS: Final = r"\b(?:file|filebase64|fileset|templatefile)\("
_READS_FILES: Final = re.compile(_READS)
_READS_ELSEWHERE: Final = re.compile(rf'{_READS}(?!"\$\{{path\.module\}}/(?![^"]*\.\.))')
_UPLOADS: Final = "aws_s3_object"
_SHORTEST: Final = 6
"""Characters of the shortest assigned value that is reported."""
_NOT_SECRET: Final = re.compile(
    # A reference, a function call or a block.
    r"[$%{}()\[\],;<>|=]|[a-z_0-9]+\(|(?:local|var|each|module|data|path|self|aws_\w+)\.\S+$"
    # A path: `secrets/grafana-admin-password`.
    r"|[./~]*[a-z][a-z0-9._-]*(?:/[a-z0-9._*-]*)+$"
)
"""Assigned values that are not secrets."""


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Report every secret in a synthesis."""
    for name in sorted(synthesis.stacks):
        stack = synthesis.stacks[name]
        yield from _in_json(stack)
        yield from _in_data_sources(stack)
        for call, module in stack.called.items():
            for text in strings_in([module.document.get(section, {}) for section in ("locals", "output")]):
                if _reads_a_file(text, in_module=True):
                    problem = f"{module.source} reads a file that no check reads: {preview(text)}"
                    yield Finding(stack.name, call, UNREAD, problem, "keep the file in the module's folder")
            for file, kind, shown in _in_files(module):
                problem = f"{file} of {module.source} holds {kind}: {shown}"
                yield Finding(stack.name, call, TOKEN, problem, _GENERATE)


def _in_json(stack: StackJson) -> Iterator[Finding]:
    for thing in (*stack.resources.values(), *stack.data.values(), *stack.modules.values()):
        for key, text in thing.strings:
            if not _is_published(thing, key):
                for control, problem, remedy in _problems(stack, thing, key, text):
                    yield Finding(stack.name, thing.address, control, problem, remedy)
    for section in stack.document.keys() - {"resource", "data", "ephemeral", "module"}:
        for key, text in named_strings(stack.document[section]):
            for control, problem, remedy in _problems(stack, None, key, text):
                address = stack.name if section == "//" else section
                yield Finding(stack.name, address, control, problem, remedy)


def _is_published(thing: Resource, key: str) -> bool:
    """Return whether a string is a TXT record: TXT records are public, and ownership tokens in them look random."""
    return key == "records" and thing.type == "aws_route53_record" and thing.get("type") == "TXT"


def _problems(stack: StackJson, thing: Resource | None, key: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the problems of one string: control, problem, remedy."""
    for kind, shown in _secrets_of(text):
        yield TOKEN, f"{key} holds {kind}: {shown}", _GENERATE
    if _reads_a_file(text, in_module=bool(thing and thing.module)) or (_uploads(thing) and key == "source"):
        yield UNREAD, f"{key} reads a file that no check reads: {preview(text)}", "take it from a module"
    held = referenced_secrets(stack, text)
    if not is_secret_argument(thing, key):
        if held:
            remedy = "pass secrets to SecureString parameters and to arguments for secrets alone"
            yield FLOW, f"{key} holds the secret of {', '.join(sorted(set(held)))}", remedy
    elif text not in _HARMLESS and not (held and stack.target(text)):
        yield ARGUMENT, f"{key} is not a reference to a generated secret: {preview(text)}", _GENERATE
    elif thing and thing.type == PARAMETER and (key == "value" or text.startswith("${data.")):
        yield ARGUMENT, f"{key} leaves the secret in the state", "write an ephemeral one by value_wo"


def _reads_a_file(text: str, *, in_module: bool) -> bool:
    """Return whether an expression reads a file that is not in the module's own folder."""
    return "${" in text and (_READS_ELSEWHERE if in_module else _READS_FILES).search(text) is not None


def _uploads(thing: Resource | None) -> bool:
    return thing is not None and thing.type == _UPLOADS


def _in_data_sources(stack: StackJson) -> Iterator[Finding]:
    """Report data sources that print a secret or read one of another stack. Ephemeral resources print no id."""
    for address, source in stack.data.items():
        if source.is_ephemeral:
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


@lru_cache(maxsize=8192)
def _secrets_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the secrets in a string: kind and preview. Cached, because environments share most strings."""
    literals = ((kind, text[start:end].strip("\"' \t\\")) for start, end, kind in assigned_secrets(text))
    return (*secrets_in(text), *((kind, preview(each)) for kind, each in literals if not _is_harmless(each)))


def _is_harmless(value: str) -> bool:
    """Return whether an assigned value is not a secret: a reference, a path, or the name of a secret."""
    is_name = value == value.lower() and value.replace("_", "").isalpha() and is_secret_argument_name(value)
    return is_name or value == PLACEHOLDER or len(value) < _SHORTEST or _NOT_SECRET.match(value) is not None


@lru_cache(maxsize=64)
def _in_files(module: Module) -> tuple[tuple[str, str, str], ...]:
    """Return every secret in a module's files: file, kind and preview."""
    return tuple(
        (file, *found)
        for file, text in module.texts.items()
        for line in text.splitlines()
        for found in _secrets_of(line)
    )
