"""The environments: one file each, whose `ENVIRONMENT` holds its values. A new file is a new environment."""

import pkgutil
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from traceback import TracebackException

from wealist.spec.environment import Environment
from wealist.spec.problems import ABSENT, Problem, SpecError, from_validation
from wealist.spec.rules import check
from wealist.spec.rules.baseline import check_baseline
from wealist.spec.settings import collecting_invalid


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
        SpecError: an environment is unknown or breaks a rule; lists the problems of all environments, and of the
            account's baseline.
    """
    known = names()
    wanted = known if only is None else sorted(only)
    problems = [_unknown(name, known) for name in wanted if name not in known]
    environments = []
    for name in (name for name in wanted if name in known):
        environment, found = _read(name)
        environments += [environment] if environment else []
        problems += found
    if problems := problems + check(environments) + check_baseline():
        raise SpecError(problems)
    return environments


def _unknown(name: str, known: list[str]) -> Problem:
    near = get_close_matches(name, known, n=1)
    suggestion = f"did you mean {near[0]!r}? " if near else ""
    return Problem(name, "name", name, "is not an environment", f"{suggestion}known are: {', '.join(known)}")


def _read(name: str) -> tuple[Environment | None, list[Problem]]:
    """What a file holds, and what is wrong with the file itself."""
    module, problems, found = f"{__name__}.{name}", [], None
    with collecting_invalid() as invalid:
        try:
            found = getattr(import_module(module), "ENVIRONMENT", None)
        except Exception as error:  # noqa: BLE001  it is Python that somebody is writing: anything may be wrong with it
            problems.append(_unreadable(name, error))
    problems += from_validation(name, found, invalid)
    if problems:
        _forget()
    elif not isinstance(found, Environment):
        remedy = "write ENVIRONMENT = Environment(...)"
        problems.append(Problem(name, "ENVIRONMENT", found, "is not an Environment", remedy))
    if not isinstance(found, Environment):
        return None, problems
    written = found.__dict__.get("name", name)
    if written != name:
        remedy = f'write "{name}", or rename the file to {written}.py'
        return None, [*problems, Problem(name, "name", written, f"stands in the file {name}.py", remedy)]
    # Where its name is of the wrong type, its file's tells whose the problems are.
    return (found if found.is_whole else found.model_copy(update={"name": name})), problems


def _unreadable(name: str, error: Exception) -> Problem:
    """What Python says of a file, and the line in it."""
    trace = TracebackException.from_exception(error)
    lines = [frame.lineno for frame in trace.stack if Path(frame.filename).name == f"{name}.py"]
    line = lines[-1] if lines else getattr(error, "lineno", None) or 1  # a file that does not parse has run no line
    *_, says = "".join(trace.format_exception_only()).splitlines()
    return Problem(name, f"line {line} of {name}.py", ABSENT, f"cannot be read ({says})", "correct it")


def _forget() -> None:
    """Have the next `load` read every file anew: what Python keeps of one that was not valid has lost its problems."""
    for module in [module for module in sys.modules if module.startswith(f"{__name__}.")]:
        del sys.modules[module]
