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
    """Return the names of all environments."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(only: Iterable[str] | None = None) -> list[Environment]:
    """Read and check environments.

    Args:
        only: Names of the environments. Defaults to all.

    Returns:
        The environments, sorted by name.

    Raises:
        SpecError: An environment is unknown or breaks a rule. Contains the problems of all environments, and of the
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
    return Problem("name", name, "is not an environment", f"{suggestion}known are: {', '.join(known)}", name)


def _read(name: str) -> tuple[Environment | None, list[Problem]]:
    """Return the environment in a file, and the problems of the file itself."""
    module, problems, found = f"{__name__}.{name}", [], None
    with collecting_invalid() as invalid:
        try:
            found = getattr(import_module(module), "ENVIRONMENT", None)
        except Exception as error:  # noqa: BLE001  the file is Python that an operator edits: it can raise anything
            problems.append(_unreadable(name, error))
    problems += from_validation(name, found, invalid)
    if problems:
        _unload()
    elif not isinstance(found, Environment):
        remedy = "write ENVIRONMENT = Environment(...)"
        problems.append(Problem("ENVIRONMENT", found, "is not an Environment", remedy, name))
    if not isinstance(found, Environment):
        return None, problems
    written = found.__dict__.get("name", name)
    if written != name:
        remedy = f'write "{name}", or rename the file to {written}.py'
        return None, [*problems, Problem("name", written, f"differs from the file's name, {name}.py", remedy, name)]
    # A name of the wrong type is missing here. The problems are then reported under the file's name.
    return (found if found.is_whole else found.model_copy(update={"name": name})), problems


def _unreadable(name: str, error: Exception) -> Problem:
    """Return the problem of a file that raised an error: the line, and Python's message."""
    trace = TracebackException.from_exception(error)
    lines = [frame.lineno for frame in trace.stack if Path(frame.filename).name == f"{name}.py"]
    line = lines[-1] if lines else getattr(error, "lineno", None) or 1  # a syntax error has no frame in the file
    *_, message = "".join(trace.format_exception_only()).splitlines()
    return Problem(f"line {line} of {name}.py", ABSENT, f"cannot be read ({message})", "correct it", name)


def _unload() -> None:
    """Remove the files' modules, so that the next `load` reads them again and reports the same problems."""
    for module in [module for module in sys.modules if module.startswith(f"{__name__}.")]:
        del sys.modules[module]
