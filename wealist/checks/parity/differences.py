"""Where two environments are not the same, once their names and addresses are taken for what they stand for.

wealist-dev-alb, 10.0.2.0/24 ─┐
                              ├─ both as wealist-<environment>-alb, <private subnet a> ─► equal
wealist-prod-alb, 10.1.10.0/24┘
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wealist.model.stack import StackJson
from wealist.spec.environment import Environment
from wealist.spec.naming import Names

MISSING: Final = None
_KEYS: Final = ("Sid", "key", "name", "id", "alias", "origin_id", "error_code", "device_name", "resource_type")
"""By what the blocks of a list are told apart, where each has it and no two have the same; else by their position."""
_SECTIONS: Final = ("terraform", "provider", "output", "ephemeral", "data", "module", "resource")

Attributes = dict[str, Any]
"""Path of an argument (`rule.0.expiration.0.days`) → its value: a scalar, or a list of scalars."""


@dataclass(frozen=True)
class Difference:
    """One argument, or one whole thing, that is otherwise in another environment.

    Attributes:
        address: The Terraform address; of what has none, its top level (`provider.aws.0`).
        attribute: The path of the argument; empty where the whole thing is in one of both only.
        left: Its value in the one, None where it is missing.
        right: In the other.
    """

    address: str
    attribute: str
    left: Any
    right: Any

    @property
    def what(self) -> str:
        """`aws_lb.load_balancer_alb enable_deletion_protection`, as the table's patterns have it."""
        return f"{self.address} {self.attribute}".rstrip()


def differences(left: StackJson, right: StackJson, described: tuple[Environment, Environment]) -> Iterator[Difference]:
    """Every difference of two environments that does not follow from their names and address blocks.

    Args:
        left: A stack.
        right: The other one.
        described: The description of each.
    """
    here, there = _things(left.document), _things(right.document)
    neutral_left, neutral_right = (_neutral(each) for each in described)
    own_left, own_right = (_neutral(each, only_what_is_its_own=True) for each in described)
    for address in sorted(here.keys() | there.keys()):
        if address not in here or address not in there:
            yield Difference(address, "", here.get(address) and "present", there.get(address) and "present")
            continue
        one, other = _flat(here[address]), _flat(there[address])
        for attribute in sorted(one.keys() | other.keys()):
            values = one.get(attribute, MISSING), other.get(attribute, MISSING)
            # The same value is no difference, but for a name of one environment in the other.
            left_as, right_as = (own_left, own_right) if values[0] == values[1] else (neutral_left, neutral_right)
            if _each(values[0], left_as) != _each(values[1], right_as):
                yield Difference(address, attribute, *values)


def _things(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Everything that stands in a stack's JSON, by address; empty things hold a mark, so that they are there."""
    found: dict[str, Mapping[str, Any]] = {"terraform": document.get("terraform", {})}
    for section in _SECTIONS[1:]:
        for kind, named in document.get(section, {}).items():
            if section == "provider":
                found.update({f"provider.{kind}.{number}": each for number, each in enumerate(named)})
            elif section in {"output", "module"}:
                found[f"{section}.{kind}"] = named
            else:
                prefix = "" if section == "resource" else f"{section}."
                found.update({f"{prefix}{kind}.{label}": values or {"": None} for label, values in named.items()})
    return found


def _flat(values: Mapping[str, Any]) -> Attributes:
    return dict(_paths(values, ""))


def _paths(value: object, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str) and value.startswith("{"):
        value = _document(value)
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name != "//":  # where cdktf made it: the construct's path, with the environment's name
                yield from _paths(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for name, item in _named(value):
            yield from _paths(item, f"{path}.{name}")
    else:
        yield path, value


def _document(text: str) -> object:
    """A policy document as what it says, whatever its spacing."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _named(items: list[Any]) -> Iterator[tuple[str, Any]]:
    for key in _KEYS:
        names = [str(item[key]) for item in items if isinstance(item, Mapping) and key in item]
        if len(set(names)) == len(items):
            yield from zip(names, items, strict=True)
            return
    yield from ((str(number), item) for number, item in enumerate(items))


def _each(value: Any, plain: Callable[[str], str]) -> Any:  # noqa: ANN401  JSON is of any type
    if isinstance(value, list):
        return [_each(item, plain) for item in value]
    return plain(value) if isinstance(value, str) else value


def _neutral(environment: Environment, *, only_what_is_its_own: bool = False) -> Callable[[str], str]:
    """Puts what they stand for in the place of an environment's names, domains and address blocks.

    Args:
        environment: Whose names they are.
        only_what_is_its_own: Leave alone what may stand in another environment, too: a domain, as that of the zone, and
            the bare name, which may be any word.
    """
    subnets = environment.network.subnets
    literal = dict(zip(environment.names.buckets, _BUCKETS, strict=True)) | {environment.network.cidr: "<vpc>"}
    for kind, blocks in (("public", subnets.public), ("private", subnets.private)):
        literal |= {block: f"<{kind} subnet {zone}>" for zone, block in blocks.items()}
    name = re.escape(environment.name)
    names = rf"(?<=wealist[-/]){name}(?!\w)"
    if not only_what_is_its_own:
        literal |= {environment.site.domain: "<site>", environment.api.domain: "<api>"}
        # `the dev environment`; but not `/dev/xvda`.
        names += rf"|(?<![\w./-]){name}(?![\w.-])"
    known = "|".join(re.escape(each) for each in sorted(literal, key=len, reverse=True))  # one may begin as another
    both = re.compile(rf"(?P<value>(?<![\w.-])(?:{known})(?![\w-]))|{names}")
    return lambda text: both.sub(lambda found: literal.get(found["value"], "<environment>"), text)


_BUCKETS: Final = tuple(f"<bucket {number}>" for number, _ in enumerate(Names("any").buckets))
