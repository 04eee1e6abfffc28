"""The page of settings, from the fields and docstrings of `wealist.spec`."""

import inspect
import re
from collections.abc import Iterator, Sequence
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from wealist.docs.markdown import NONE, code, codes, highlight, table, text
from wealist.docs.messages import Messages, korean
from wealist.spec.baseline import Baseline
from wealist.spec.environment import Environment
from wealist.spec.settings import Settings

_ATTRIBUTE: Final = re.compile(r"^ {4}(\w+): ", re.MULTILINE)


def blocks(say: Messages) -> Iterator[str]:
    """Yield a table for each class of settings: default, allowed values and meaning."""
    yield say("settings.intro")
    yield say("settings.rules")
    for group in (*groups(Environment), *groups(Baseline)):
        described = descriptions(group)
        rows = [
            (code(name), _default(say, field), _allowed(field.annotation), _means(say, group, name, described))
            for name, field in group.model_fields.items()
        ]
        yield f"## {code(group.__name__)}"
        yield text(inspect.cleandoc(group.__doc__ or "").partition("\n\n")[0])
        yield table(say.columns("setting", "default", "allowed", "means"), rows)


def values_of(say: Messages, chosen: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield the name, value and meaning of each setting."""
    group = type(chosen)
    described = descriptions(group)
    for name in group.model_fields:
        value = getattr(chosen, name)
        written = dict(_values(value)) if isinstance(value, Settings) else None
        shown = _written(written if written is not None else value)
        yield code(name), code(shown), _means(say, group, name, described)


def side_by_side(environments: Sequence[Environment]) -> Iterator[tuple[str, ...]]:
    """Yield the value of each setting in each environment. Settings with different values are bold."""
    values = [dict(_values(each)) for each in environments]
    for path in dict.fromkeys(path for each in values for path in each):
        yield highlight(code(path), [code(each.get(path, NONE)) for each in values])


def _values(group: Settings, path: str = "") -> Iterator[tuple[str, str]]:
    for name in type(group).model_fields:
        value, place = getattr(group, name), f"{path}{name}"
        if isinstance(value, Settings):
            yield from _values(value, f"{place}.")
        elif isinstance(value, tuple) and value and all(isinstance(each, Settings) for each in value):
            for each in value:
                yield from _values(each, f"{place}[{each.name}].")
        else:
            yield place, _written(value)


def _written(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items()) or NONE
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "()"
    return str(value)


def groups(group: type[Settings], seen: tuple[type[Settings], ...] = ()) -> list[type[Settings]]:
    """Return a class of settings and the classes nested in it, each once."""
    found = [group]
    for field in group.model_fields.values():
        for kind in _classes(field.annotation):
            if kind not in (*seen, *found):
                found += groups(kind, (*seen, *found))
    return found


def _classes(annotation: Any) -> Iterator[type[Settings]]:  # noqa: ANN401  any annotation
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
    for each in get_args(annotation):
        yield from _classes(each)


def descriptions(group: type) -> dict[str, str]:
    """Return the description of each field, from the docstrings of a class and its base classes."""
    found: dict[str, str] = {}
    for each in reversed(inspect.getmro(group)):
        _, _, listed = (inspect.cleandoc(each.__doc__ or "")).partition("Attributes:\n")
        _, *parts = _ATTRIBUTE.split(f"\n{listed}")
        found |= {name: " ".join(words.split()) for name, words in zip(parts[::2], parts[1::2], strict=True)}
    return found


def _means(say: Messages, group: type, name: str, described: dict[str, str]) -> str:
    known = korean()["setting"].get(f"{group.__name__}.{name}") if say.language == "ko" else None
    return known or text(described.get(name, "")) or NONE


def _default(say: Messages, field: FieldInfo) -> str:
    if field.is_required():
        return say("word.required")
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined or default is None:
        return say("word.none")
    if isinstance(default, Settings):
        return code(f"{type(default).__name__}()")
    if isinstance(default, tuple) and default and isinstance(default[0], Settings):
        return codes(each.name for each in default)
    return code(_written(default))


def _allowed(annotation: Any) -> str:  # noqa: ANN401  any annotation
    if get_origin(annotation) is Literal:
        return codes(get_args(annotation))
    if get_origin(annotation) in {Union, UnionType}:
        return ", ".join(_allowed(each) for each in get_args(annotation) if each is not NoneType)
    if get_origin(annotation) is not None:
        return code(re.sub(r"[\w.]+\.(?=\w)", "", str(annotation)))
    return (
        code("True") + ", " + code("False") if annotation is bool else code(getattr(annotation, "__name__", annotation))
    )
