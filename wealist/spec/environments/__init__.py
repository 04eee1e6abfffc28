"""The environments: one file each, whose `ENVIRONMENT` holds its values. A new file is a new environment."""

import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module

from pydantic import ValidationError

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem, SpecError, from_validation
from wealist.spec.rules import check


def names() -> list[str]:
    """Known environments, by name."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(only: Iterable[str] | None = None) -> list[Environment]:
    """Reads and checks environments.

    Args:
        only: the names wanted; without it, every environment.

    Returns:
        The environments by name, each of them valid alone and beside the others.

    Raises:
        SpecError: an environment is unknown or breaks a rule; lists the problems of all environments.
    """
    known = names()
    wanted = known if only is None else sorted(only)
    problems = [_unknown(name, known) for name in wanted if name not in known]
    environments = []
    for name in (name for name in wanted if name in known):
        found = _read(name)
        if isinstance(found, Environment):
            environments.append(found)
        else:
            problems += found
    if problems := problems + check(environments):
        raise SpecError(problems)
    return environments


def _unknown(name: str, known: list[str]) -> Problem:
    near = get_close_matches(name, known, n=1)
    suggestion = f"did you mean {near[0]!r}? " if near else ""
    return Problem(name, "name", name, "is not an environment", f"{suggestion}known are: {', '.join(known)}")


def _read(name: str) -> Environment | list[Problem]:
    """What a file holds, or what is wrong with the file itself."""
    try:
        found = getattr(import_module(f"{__name__}.{name}"), "ENVIRONMENT", None)
    except ValidationError as error:
        return from_validation(name, error)
    if not isinstance(found, Environment):
        return [Problem(name, "ENVIRONMENT", found, "is not an Environment", "write ENVIRONMENT = Environment(...)")]
    if found.name != name:
        remedy = f'write "{name}", or rename the file to {found.name}.py'
        return [Problem(name, "name", found.name, f"stands in the file {name}.py", remedy)]
    return found
