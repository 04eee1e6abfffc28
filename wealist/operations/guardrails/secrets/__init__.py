"""No secret in anything synthesized: not in the JSON, not in what instances run at their first start.

    every string of the JSON            ─ looks like a token, or random      secrets.token
    arguments whose name says secret    ─ literal                            secrets.argument
    what generates or holds a secret    ─ handed to anything else            secrets.flow
    files of the called modules         ─ the same as of strings, and literal assignments

Write-only arguments keep values out of state, not out of the JSON: they are held to the same.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from wealist.operations.guardrails.finding import Finding, Synthesis
from wealist.operations.guardrails.secrets.tokens import beginning, secrets_in
from wealist.operations.guardrails.stack_json import Resource, StackJson
from wealist.operations.project import ROOT
from wealist.spec.parameters import PLACEHOLDER

TOKEN: Final = "secrets.token"  # noqa: S105  a control's id
ARGUMENT: Final = "secrets.argument"
FLOW: Final = "secrets.flow"
UNREAD: Final = "secrets.unread"
_GENERATE: Final = "generate it (an ephemeral resource into a write-only argument), or let the operator set it in SSM"
_NAME: Final = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|secret|token|credentials?|(?:private|secret|api|auth|access|license)_key)"
    r"(?:_wo|_value|_string|_binary)?$",
    re.IGNORECASE,
)
"""Names of arguments that hold secrets; `password_length` and `http_tokens` do not."""
_REFERENCE: Final = re.compile(r"\$\{(?:data\.|ephemeral\.)?[a-z][\w-]*\.[\w-]+(?:\[\"?[\w-]+\"?\])?\.\w+\}")
_HARMLESS: Final = frozenset({"", PLACEHOLDER, "true", "false", "required", "optional"})
_ASSIGNMENT: Final = re.compile(
    r"(?i)(password|passwd|passphrase|secret|token|private_key|api_key|access_key)\"?[ \t]*[=:][ \t]*"
    r"[\"']?([^\s\"'$%{}(),;<>|]{8,})"
)
_WORDS: Final = re.compile(r"[./]*[a-z]+(?:[-_./][a-z]+)*/?")
"""A path or a name, which no secret is: `secrets/grafana-admin-password`, `local.grafana_secret`."""
_GENERATED: Final = "aws_secretsmanager_random_password"
_SECURE: Final = "SecureString"


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Every secret that a synthesis shows; nothing is the proof."""
    for name in sorted(synthesis.stacks):
        stack = synthesis.stacks[name]
        yield from _in_json(stack)
        yield from _in_modules(stack)


def _in_json(stack: StackJson) -> Iterator[Finding]:
    holders = _holders(stack)
    things: list[tuple[str, Any]] = [
        (each.address, each) for each in (*stack.resources.values(), *stack.data.values(), *stack.modules.values())
    ]
    rest = {
        key: value for key, value in stack.document.items() if key not in {"resource", "data", "ephemeral", "module"}
    }
    things += [(stack.name if key == "//" else key, value) for key, value in rest.items()]
    for address, thing in things:
        values = thing.values if isinstance(thing, Resource) else thing
        secure = isinstance(thing, Resource) and _is_secret_parameter(thing)
        for key, text in _strings(values):
            for what, shown in _shown(text):
                yield Finding(stack.name, address, TOKEN, f"{key} holds {what}: {shown}", _GENERATE)
            secret = bool(_NAME.search(key)) or (secure and key in {"value", "value_wo"})
            if secret and text not in _HARMLESS and not _refers(stack, text):
                problem = f"{key} is no reference to what was generated: {beginning(text)}"
                yield Finding(stack.name, address, ARGUMENT, problem, _GENERATE)
            if not secret and "${" in text and (found := [each for each in holders if each in text]):
                problem = f"{key} holds the secret of {', '.join(sorted(found))}"
                remedy = "hand secrets to SecureString parameters and to arguments for secrets alone"
                yield Finding(stack.name, address, FLOW, problem, remedy)


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
    return tuple(secrets_in(text))


def _holders(stack: StackJson) -> list[str]:
    """The expressions that stand for a secret: what generates one, and the parameters that hold one."""
    generated = [f"{each.address}.random_password" for each in stack.data.values() if each.type == _GENERATED]
    held = [
        f"{each.address}.{argument}"
        for each in stack.all("aws_ssm_parameter")
        if _is_secret_parameter(each)
        for argument in ("value", "value_wo")
    ]
    return [f"{expression}}}" for expression in (*generated, *held)]


def _is_secret_parameter(resource: Resource) -> bool:
    if resource.type != "aws_ssm_parameter":
        return False
    return resource.get("type") == _SECURE or bool(_NAME.search(str(resource.get("name")).rpartition("/")[2]))


def _refers(stack: StackJson, text: str) -> bool:
    return _REFERENCE.fullmatch(text) is not None and stack.target(text) is not None


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
    assigned = (
        (f"a literal {found[1]}", beginning(found[2]))
        for found in _ASSIGNMENT.finditer(text)
        if found[2] not in _HARMLESS and not _WORDS.fullmatch(found[2])
    )
    return tuple(found for line in text.splitlines() for found in secrets_in(line)) + tuple(assigned)
