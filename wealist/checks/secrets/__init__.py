"""No secret in anything synthesized: not in the JSON, not in what instances run at their first start.

    every string of the JSON            ─ looks like a token, random, or like `password=…`    secrets.token
    arguments whose name says secret    ─ no reference to what was generated                  secrets.argument
    what generates or holds a secret    ─ passed to anything else, wrapped or whole            secrets.flow
    parameters that are read            ─ of this stack, or public                            secrets.flow
    data sources                        ─ none whose id, which Terraform prints, is a secret  secrets.printed
    files of the called modules         ─ the same as of strings                              secrets.token
    files of this machine               ─ read by an expression, or uploaded                  secrets.unread

Write-only arguments keep values out of state, not out of the JSON: they are held to the same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.secrets.holders import GENERATED, PARAMETER, PUBLIC, held_in, is_secret_argument
from wealist.checks.secrets.inline import assigned
from wealist.checks.secrets.names import says_secret
from wealist.checks.secrets.tokens import beginning, secrets_in
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
"""Characters of the shortest literal that is reported."""
_NONE: Final = re.compile(
    # A reference, a function's call or a block.
    r"[$%{}()\[\],;<>|=]|[a-z_0-9]+\(|(?:local|var|each|module|data|path|self|aws_\w+)\.\S+$"
    # A path, with a slash in it: `secrets/grafana-admin-password`.
    r"|[./~]*[a-z][a-z0-9._-]*(?:/[a-z0-9._*-]*)+$"
)
"""What is assigned, and is no secret."""


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Return every secret that a synthesis shows; none is the proof."""
    for name in sorted(synthesis.stacks):
        stack = synthesis.stacks[name]
        yield from _in_json(stack)
        yield from _by_data_sources(stack)
        for call, module in stack.called.items():
            for text in strings_in([module.document.get(section, {}) for section in ("locals", "output")]):
                if _reads_a_file(text, in_module=True):
                    problem = f"{module.source} takes a file that nothing here reads: {beginning(text)}"
                    yield Finding(stack.name, call, UNREAD, problem, "keep the file in the module's folder")
            for file, what, shown in _in_files(module):
                problem = f"{file} of {module.source} holds {what}: {shown}"
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
    """DNS shows the values of TXT records to everybody; proofs of ownership among them look random."""
    return key == "records" and thing.type == "aws_route53_record" and thing.get("type") == "TXT"


def _problems(stack: StackJson, thing: Resource | None, key: str, text: str) -> Iterator[tuple[str, str, str]]:
    """Return what is wrong with one string: control, problem, remedy."""
    for what, shown in _shown(text):
        yield TOKEN, f"{key} holds {what}: {shown}", _GENERATE
    if _reads_a_file(text, in_module=bool(thing and thing.module)) or (_uploads(thing) and key == "source"):
        yield UNREAD, f"{key} takes a file that nothing here reads: {beginning(text)}", "take it from a module"
    held = held_in(stack, text)
    if not is_secret_argument(thing, key):
        if held:
            remedy = "pass secrets to SecureString parameters and to arguments for secrets alone"
            yield FLOW, f"{key} holds the secret of {', '.join(sorted(set(held)))}", remedy
    elif text not in _HARMLESS and not (held and stack.target(text)):
        yield ARGUMENT, f"{key} is no reference to what was generated: {beginning(text)}", _GENERATE
    elif thing and thing.type == PARAMETER and (key == "value" or text.startswith("${data.")):
        yield ARGUMENT, f"{key} leaves the secret in the state", "write an ephemeral one by value_wo"


def _reads_a_file(text: str, *, in_module: bool) -> bool:
    """Return whether an expression reads a file of the machine; those in a module's own folder are read here, too."""
    return "${" in text and (_READS_ELSEWHERE if in_module else _READS_FILES).search(text) is not None


def _uploads(thing: Resource | None) -> bool:
    return thing is not None and thing.type == _UPLOADS


def _by_data_sources(stack: StackJson) -> Iterator[Finding]:
    """Return data sources that print a secret, or read one of another stack. Ephemeral resources print no id."""
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
def _shown(text: str) -> tuple[tuple[str, str], ...]:
    """Return the secrets in a string. Environments are much alike: most strings stand in several."""
    literals = ((kind, text[start:end].strip("\"' \t\\")) for start, end, kind in assigned(text))
    return (*secrets_in(text), *((kind, beginning(each)) for kind, each in literals if not _is_none(each)))


def _is_none(value: str) -> bool:
    """Return whether what is assigned is no secret: a reference, a path, or itself the name of a secret."""
    names_one = value == value.lower() and value.replace("_", "").isalpha() and says_secret(value)
    return names_one or value == PLACEHOLDER or len(value) < _SHORTEST or _NONE.match(value) is not None


@lru_cache(maxsize=64)
def _in_files(module: Module) -> tuple[tuple[str, str, str], ...]:
    """Return every secret in a module's files: file, what it is, and its beginning."""
    return tuple(
        (file, *found) for file, text in module.texts.items() for line in text.splitlines() for found in _shown(line)
    )
