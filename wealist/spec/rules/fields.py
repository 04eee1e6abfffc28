"""Rules about which settings exist."""

from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import BaseModel

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.services import Service


def no_unknown_fields(environment: Environment) -> Iterator[Problem]:
    """A setting that nobody reads is a setting that somebody believes in."""
    yield from _unknown(environment.name, "", environment)


def _unknown(environment: str, path: str, settings: BaseModel) -> Iterator[Problem]:
    known = list(type(settings).model_fields)
    for name, value in (settings.model_extra or {}).items():
        near = get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known)}"
        yield Problem(environment, f"{path}{name}", value, "is not a setting", remedy)
    for name in known:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _unknown(environment, f"{path}{name}.", value)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Service):
                    yield from _unknown(environment, f"{path}{name}[{item.name}].", item)
