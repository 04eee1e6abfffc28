"""Terraform's type constraints: read from HCL, and held against the Python values of a module call.

    list(object({name = string, port = optional(number, 80)}))  ──►  Type  ──►  misfits("services", type, value)

Knows nothing of cdktf but the shape of its tokens: what is only known later satisfies every type.
https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

import difflib
import re
import reprlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Final

_TOKEN: Final = re.compile(r'"(?:\\.|[^"\\])*"|[\w.-]+|\S')
_LATER: Final = ("${", "#{TfToken[")
"""In a string: a Terraform expression or a string token; in the one string of a list: the token of the whole list."""
_MAP_LATER: Final = "&{TfToken["
"""In a key: the token of the whole map."""
_NUMBER_TOKEN: Final = -1.8e289
"""Below it lies nothing but cdktf's encoded numbers: doubles whose top bits are 0xFDFF, or 0xFBFF within a list."""
_PYTHON: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "string": ((str,), "pass a str"),
    "number": ((int, float), "pass a number, without quotes"),
    "bool": ((bool,), "pass True or False"),
    # Never a Python set: its order is another one in every run, and so would be the synthesized JSON.
    "list": ((list, tuple), "pass a list, of a set by sorted(...)"),
    "set": ((list, tuple), "pass a list, of a set by sorted(...)"),
    "tuple": ((list, tuple), "pass a list"),
    "map": ((Mapping,), "pass a dict"),
    "object": ((Mapping,), "pass a dict"),
}
"""What Python writes for each kind of type, and the remedy."""


@dataclass(frozen=True)
class Type:
    """One type constraint."""

    kind: str
    items: tuple["Type", ...] = ()
    attributes: Mapping[str, "Type"] = field(default_factory=dict)
    optional: bool = False

    def __str__(self) -> str:
        """The constraint as HCL writes it."""
        if self.kind == "object":
            inner = ", ".join(f"{name} = {wanted}" for name, wanted in self.attributes.items())
            return f"object({{{inner}}})"
        inner = ", ".join(map(str, self.items))
        if self.kind == "tuple":
            return f"tuple([{inner}])"
        return f"{self.kind}({inner})" if inner else self.kind


def parse_type(written: str) -> Type:
    """Reads a type as HCL writes it.

    Raises:
        ValueError: Terraform knows no such type.
    """
    tokens = deque(_TOKEN.findall(written))
    try:
        wanted = _parse_type(tokens)
    except IndexError as error:
        raise ValueError(f"{written} ends too early") from error
    if tokens:
        raise ValueError(f"{written} does not end at {tokens[0]}")
    return wanted


def _parse_type(tokens: deque[str]) -> Type:
    """Takes one type off the front of the tokens."""
    kind = tokens.popleft()
    if kind in {"string", "number", "bool", "any"}:
        return Type(kind)
    if kind in {"list", "set", "map"} and not tokens:  # Terraform's old way to write list(any)
        return Type(kind, (Type("any"),))
    if kind not in {"list", "set", "map", "object", "tuple", "optional"}:
        raise ValueError(kind)
    _expect(tokens, "(")
    if kind == "object":
        wanted = Type(kind, attributes=dict(_parse_attributes(tokens)))
    elif kind == "tuple":
        wanted = Type(kind, tuple(_parse_items(tokens)))
    elif kind == "optional":
        wanted = replace(_parse_type(tokens), optional=True)
        _skip_default(tokens)
    else:
        wanted = Type(kind, (_parse_type(tokens),))
    _expect(tokens, ")")
    return wanted


def _parse_attributes(tokens: deque[str]) -> Iterator[tuple[str, Type]]:
    _expect(tokens, "{")
    while tokens[0] != "}":
        name = tokens.popleft().strip('"')
        _expect(tokens, "=")
        yield name, _parse_type(tokens)
        if tokens[0] == ",":
            tokens.popleft()
    _expect(tokens, "}")


def _parse_items(tokens: deque[str]) -> Iterator[Type]:
    _expect(tokens, "[")
    while tokens[0] != "]":
        yield _parse_type(tokens)
        if tokens[0] == ",":
            tokens.popleft()
    _expect(tokens, "]")


def _skip_default(tokens: deque[str]) -> None:
    """Drops the default of `optional(type, default)`, up to the bracket that ends it."""
    depth = 0
    while depth or tokens[0] != ")":
        token = tokens.popleft()
        depth += (token in {"(", "[", "{"}) - (token in {")", "]", "}"})


def _expect(tokens: deque[str], token: str) -> None:
    if (found := tokens.popleft()) != token:
        raise ValueError(found)


def misfits(where: str, wanted: Type, value: object) -> Iterator[str]:
    """Every place at which a value is not of the type that is wanted there."""
    if wanted.kind == "any" or _is_known_later(value):
        return
    python, remedy = _PYTHON[wanted.kind]
    if not isinstance(value, python) or (isinstance(value, bool) and wanted.kind != "bool"):
        yield f"{where}: needs {wanted}, got {type(value).__name__} {reprlib.repr(value)}; {remedy}"
    elif isinstance(value, Mapping):
        yield from _misfits_of_mapping(where, wanted, value)
    elif isinstance(value, list | tuple):
        if wanted.kind == "tuple" and len(value) != len(wanted.items):
            yield f"{where}: needs {len(wanted.items)} items, got {len(value)}; pass {wanted}"
            return
        items = wanted.items if wanted.kind == "tuple" else wanted.items * len(value)
        for index, (item, of_item) in enumerate(zip(value, items, strict=True)):
            yield from misfits(f"{where}[{index}]", of_item, item)


def _misfits_of_mapping(where: str, wanted: Type, value: Mapping[Any, object]) -> Iterator[str]:
    for key, item in value.items():
        if not isinstance(key, str):
            yield f"{where}: has the key {key!r}; Terraform's keys are strings"
        elif wanted.kind == "map":
            yield from misfits(f"{where}.{key}", wanted.items[0], item)
        elif key not in wanted.attributes:  # Terraform would drop it without a word
            yield f"{where}.{key}: {wanted} has no such attribute; {nearest(key, wanted.attributes)}"
        elif item is not None:
            yield from misfits(f"{where}.{key}", wanted.attributes[key], item)
    for name, of_attribute in wanted.attributes.items():
        if not of_attribute.optional and value.get(name) is None:
            yield f"{where}.{name}: required, but not given; pass a value of type {of_attribute}"


def _is_known_later(value: object) -> bool:
    """Whether a value is for Terraform or for cdktf to fill in, so that nothing can be said of it here."""
    if isinstance(value, str):
        return any(marker in value for marker in _LATER)
    if isinstance(value, float):
        return value < _NUMBER_TOKEN
    if isinstance(value, Mapping):
        return any(isinstance(key, str) and _MAP_LATER in key for key in value)
    # cdktf's IResolvable. A path has a `resolve` too, of another kind.
    return hasattr(value, "resolve") and not isinstance(value, PurePath)


def nearest(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that is not among the known ones."""
    if near := difflib.get_close_matches(name, known, n=3):
        return f"did you mean {' or '.join(near)}?"
    return f"there are {', '.join(sorted(known)) or 'none'}"
