"""`wealist types add`: write the row of a further type, as far as the provider and AWS's service data say.

the provider's arguments ─┐
its sensitive arguments ──┼─► a row in types.toml, at its place ─► somebody decides the columns in `undecided`
botocore's operations ────┘
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final

from wealist.files import write_atomically
from wealist.model import provider, types
from wealist.model.type_row import PHASES
from wealist.model.types import TypesError

_DATA: Final = "data."
_OF_DATA: Final = ("what", "data")
"""Columns that nothing but a person can decide: those of every type."""
_ALWAYS: Final = (*_OF_DATA, "exposes", "interrupts", "serves", "arns", "lookup")
"""The same, of resources."""
_VERBS: Final[Mapping[str, str]] = {
    "create": "Create|Put|Register|Run|Allocate|Request|Attach|Enable",
    "read": "Describe|Get|List",
    "update": "Update|Modify|Put|Set",
    "delete": "Delete|Deregister|Release|Terminate|Detach|Disable|Remove",
}
_TAGGING: Final[Mapping[str, tuple[str, ...]]] = {
    "create": ("TagResource", "AddTagsToResource", "AddTags", "CreateTags"),
    "read": ("ListTagsForResource", "DescribeTags"),
    "update": (
        "TagResource", "UntagResource", "AddTagsToResource", "RemoveTagsFromResource", "AddTags", "RemoveTags",
        "CreateTags", "DeleteTags",
    ),
}  # fmt: skip
_SERVICES: Final[Mapping[str, str]] = {
    "alb": "elbv2",
    "ami": "ec2",
    "cloudwatch": "cloudwatch",
    "cloudwatch_event": "events",
    "cloudwatch_log": "logs",
    "cognito": "cognito-idp",
    "db": "rds",
    "ebs": "ec2",
    "eip": "ec2",
    "elasticsearch": "es",
    "kinesis_firehose": "firehose",
    "lb": "elbv2",
    "msk": "kafka",
    "prometheus": "amp",
    "service_discovery": "servicediscovery",
    "sfn": "stepfunctions",
    **dict.fromkeys(("customer", "default", "egress", "flow", "instance", "internet", "key", "launch", "nat"), "ec2"),
    **dict.fromkeys(("network", "placement", "route", "security", "snapshot", "spot", "subnet", "vpc", "vpn"), "ec2"),
}
"""First words of a type's name → botocore's name of the service, where they are not the same."""

_NETWORK: Final = (
    (re.compile(r"(?:^|_)subnets?(?:_|$)"), "subnet"),
    (re.compile(r"(?:^|_)security_groups?(?:_|$)"), "group"),
    (re.compile(r"(?:^|_)vpc_id$"), "vpc"),
    (re.compile(r"(?:^|_)public(?:ly)?(?:_|$)"), "public"),
    (re.compile(r"(?:^|_)(?:gateway|route_table|peering|network_interface)(?:_|$)"), "way"),
    (re.compile(r"(?:^|_)(?:cidrs?|ipv[46]|ip|prefix_list)(?:_|$)"), "range"),
)
_ROLE: Final = re.compile(r"(?:^|_)role(?:_arn|_name)?$")
_POLICY: Final = re.compile(r"^policy$|_policy$|^policy_document$")
_PRINCIPAL: Final = re.compile(r"(?:^|_)principals?$")
_DEEPEST: Final = 3
"""Arguments further inside are left to a person: some types hold thousands."""


def add_type(kind: str, path: Path = types.PATH) -> tuple[str, ...]:
    """Write a row for a type into types.toml, at its place in the alphabetical order. Leaves the rest as it is.

    Args:
        kind: `aws_kinesis_stream`, or `data.aws_ami`.
        path: The file.

    Returns:
        The columns that somebody must decide.

    Raises:
        TypesError: The type has a row, or is none of the provider's; the file cannot be written.
    """
    text = types.text_of(path)
    if kind in types.parse(text):
        raise TypesError([f"{types.SHOWN} has a row for {kind}"], remedy="edit that row")
    if provider.arguments(kind) is None:
        near = get_close_matches(kind, provider.known_types(), n=3)
        guess = f"did you mean {' or '.join(near)}? " if near else ""
        remedy = f"{guess}the types are those of the AWS provider {provider.version()}"
        raise TypesError([f"{kind} is no type of the AWS provider"], remedy=remedy)
    undecided, row = draft(kind)
    whole = inserted(text, kind, row)
    types.parse(whole)
    try:
        write_atomically(path, whole)
    except OSError as error:
        raise TypesError([f"{path} cannot be written: {error.strerror}"], remedy="make it writable") from None
    return undecided


def draft(kind: str) -> tuple[tuple[str, ...], str]:
    """The columns that somebody must decide about a type, and the text of its row."""
    columns = {name: value for name, value in _columns(kind).items() if value}
    guessed = [name for name in ("network", "policies", "roles") if name in columns]
    always, phases = (_OF_DATA, ("read",)) if kind.startswith(_DATA) else (_ALWAYS, PHASES)
    absent = [name for name in ("service", *phases) if name not in columns]
    undecided = tuple(dict.fromkeys((*always, *guessed, *absent)))
    lines = [
        f"[{kind}]",
        'what = ""',
        f"undecided = {_toml(list(undecided))}",
        "# Decide each of these, or leave it out, as the head of this file says; correct what is guessed below.",
        *(f"{name} = {_toml(value)}" for name, value in columns.items()),
    ]
    return undecided, "\n".join(lines) + "\n"


def inserted(text: str, kind: str, row: str) -> str:
    """The file's text with a further row before the first one that comes after it in the alphabet."""
    head, rows = types.split(text)
    place = len(head)
    for each, written in rows:
        if each > kind:
            above = text[:place].rstrip("\n").splitlines()
            comments = 0
            while above and above[-1].startswith("#") and place > len(head):
                comments += len(above.pop()) + 1
            return f"{text[: place - comments]}{row}\n{text[place - comments :]}"
        place += len(written)
    return f"{text.rstrip()}\n\n{row}"


def _columns(kind: str) -> dict[str, Any]:
    leaves = [path for path in provider.arguments(kind) or () if path.count(".") < _DEEPEST and _is_open(path)]
    service, model = _service(kind)
    phases = ("read",) if kind.startswith(_DATA) else PHASES
    return {
        "network": {path: part for path in leaves if (part := _part(path))},
        "policies": {path: part for path in leaves if (part := _rights(path))},
        "roles": {path: "?" for path in leaves if _ROLE.search(_last(path))},
        "secrets": provider.sensitive().get(kind, []),
        "service": service,
        **{phase: " ".join(_calls(kind, phase, model)) for phase in phases if model},
    }


def _is_open(path: str) -> bool:
    return path.partition(".")[0] not in {"timeouts", "tags", "tags_all", "id"}


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _part(path: str) -> str | None:
    return next((part for pattern, part in _NETWORK if pattern.search(_last(path))), None)


def _rights(path: str) -> str | None:
    name = _last(path)
    if _PRINCIPAL.search(name):
        return "principal"
    if name == "assume_role_policy":
        return "trust"
    return "resource" if _POLICY.search(name) else None


def _service(kind: str) -> tuple[str | None, Mapping[str, Any] | None]:
    """The IAM prefix of a type's service and botocore's model of it; neither where its name does not tell."""
    words = _words(kind)
    for end in range(len(words), 0, -1):
        name = "_".join(words[:end])
        found = next((each for each in (_SERVICES.get(name), *_spellings(name)) if each in _available()), None)
        if found:
            model = _model(found)
            metadata = model["metadata"]
            return metadata.get("signingName") or metadata["endpointPrefix"], model
    return None, None


def _words(kind: str) -> list[str]:
    return kind.removeprefix(_DATA).removeprefix("aws_").split("_")


def _spellings(name: str) -> tuple[str, ...]:
    return name.replace("_", "-"), name.replace("_", "")


@cache
def _loader() -> Any:  # noqa: ANN401  botocore brings no types
    from botocore.loaders import create_loader  # noqa: PLC0415  only this command needs it

    return create_loader()


@cache
def _available() -> frozenset[str]:
    return frozenset(_loader().list_available_services("service-2"))


@cache
def _model(service: str) -> Mapping[str, Any]:
    model: Mapping[str, Any] = _loader().load_service_model(service, "service-2")
    return model


def _calls(kind: str, phase: str, model: Mapping[str, Any]) -> Iterator[str]:
    """The operations of a phase by their names: a verb, and the last words of the type's name."""
    words = _words(kind)
    for start in range(len(words)):
        noun = "".join(words[start:])
        pattern = re.compile(rf"(?:{_VERBS[phase]}){noun}(?:e?s)?", re.IGNORECASE)
        if found := sorted(name for name in model["operations"] if pattern.fullmatch(name)):
            yield from found
            yield from (name for name in _TAGGING.get(phase, ()) if name in model["operations"])
            return


def _toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {_toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"'


def _key(name: str) -> str:
    return f'"{name}"' if "." in name else name
