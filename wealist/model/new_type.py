"""Add a row to types.toml, for `wealist types add`: a draft from the provider's schema and AWS's service data.

the provider's arguments ─┐
its sensitive arguments ──┼─► a row at its place in types.toml ─► a person decides the columns in `undecided`
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
_DATA_COLUMNS: Final = ("what", "data")
"""Columns that only a person can decide, for data sources."""
_RESOURCE_COLUMNS: Final = (*_DATA_COLUMNS, "exposes", "interrupts", "serves", "arns", "lookup")
"""The same for resources."""
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
"""First words of a type's name → botocore's name of the service, where they differ."""

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
"""Levels of arguments that are drafted; some types have thousands of deeper ones."""


def add_type(kind: str, path: Path = types.PATH) -> tuple[str, ...]:
    """Insert a row for a type into types.toml, in alphabetical order. The rest of the file is unchanged.

    Args:
        kind: `aws_kinesis_stream`, or `data.aws_ami`.
        path: The file.

    Returns:
        The columns that a person must decide.

    Raises:
        TypesError: The type has a row, or is not a type of the provider; the file is not valid or not writable.
    """
    text = types.text_of(path)
    if kind in types.parse(text):
        raise TypesError([f"{types.SHOWN} has a row for {kind}"], remedy="edit that row")
    if provider.arguments(kind) is None:
        near = get_close_matches(kind, provider.known_types(), n=3)
        guess = f"did you mean {' or '.join(near)}? " if near else ""
        remedy = f"{guess}the types are those of the AWS provider {provider.version()}"
        raise TypesError([f"{kind} is not a type of the AWS provider"], remedy=remedy)
    undecided, row = draft(kind)
    whole = inserted(text, kind, row)
    types.parse(whole)
    try:
        write_atomically(path, whole)
    except OSError as error:
        raise TypesError([f"{path} cannot be written: {error.strerror}"], remedy="make it writable") from None
    return undecided


def draft(kind: str) -> tuple[tuple[str, ...], str]:
    """Return the columns that a person must decide, and the text of a type's row."""
    columns = {name: value for name, value in _columns(kind).items() if value}
    guessed = [name for name in ("network", "policies", "roles") if name in columns]
    always, phases = (_DATA_COLUMNS, ("read",)) if kind.startswith(_DATA) else (_RESOURCE_COLUMNS, PHASES)
    absent = [name for name in ("service", *phases) if name not in columns]
    undecided = tuple(dict.fromkeys((*always, *guessed, *absent)))
    lines = [
        f"[{kind}]",
        'what = ""',
        f"undecided = {_toml(list(undecided))}",
        "# Decide each of these columns, or omit it; the head of this file describes them. Correct the guesses below.",
        *(f"{name} = {_toml(value)}" for name, value in columns.items()),
    ]
    return undecided, "\n".join(lines) + "\n"


def inserted(text: str, kind: str, row: str) -> str:
    """Return the file's text with a row inserted in alphabetical order."""
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
        "network": {path: part for path in leaves if (part := _network_part(path))},
        "policies": {path: part for path in leaves if (part := _policy_kind(path))},
        "roles": {path: "?" for path in leaves if _ROLE.search(_last(path))},
        "secrets": provider.sensitive().get(kind, []),
        "service": service,
        **{phase: " ".join(_calls(kind, phase, model)) for phase in phases if model},
    }


def _is_open(path: str) -> bool:
    return path.partition(".")[0] not in {"timeouts", "tags", "tags_all", "id"}


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _network_part(path: str) -> str | None:
    return next((part for pattern, part in _NETWORK if pattern.search(_last(path))), None)


def _policy_kind(path: str) -> str | None:
    name = _last(path)
    if _PRINCIPAL.search(name):
        return "principal"
    if name == "assume_role_policy":
        return "trust"
    return "resource" if _POLICY.search(name) else None


def _service(kind: str) -> tuple[str | None, Mapping[str, Any] | None]:
    """Return the IAM prefix and the botocore model of a type's service; None where its name does not identify it."""
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
    """Yield the operations of a phase: their names are a verb and the last words of the type's name."""
    words = _words(kind)
    for start in range(len(words)):
        noun = "".join(words[start:])
        pattern = re.compile(rf"(?:{_VERBS[phase]}){noun}(?:e?s)?", re.IGNORECASE)
        if found := sorted(name for name in model["operations"] if pattern.fullmatch(name)):
            yield from found
            yield from (name for name in _TAGGING.get(phase, ()) if name in model["operations"])
            return


def _toml(value: object) -> str:
    """Return a value in TOML syntax."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {_toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"'


def _key(name: str) -> str:
    return f'"{name}"' if "." in name else name
