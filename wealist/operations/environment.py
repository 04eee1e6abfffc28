"""The environment that an operator names."""

from wealist.errors import BAD_INPUT, OperatorError, unknown
from wealist.spec.environment import Environment
from wealist.spec.environments import load, names
from wealist.spec.problems import SpecError


def every() -> list[Environment]:
    """Return every committed environment, checked.

    Raises:
        OperatorError: a file breaks a rule; exit code 2.
    """
    try:
        return load()
    except SpecError as error:
        remedy = "correct the files of wealist/spec/environments"
        raise OperatorError(str(error), remedy=remedy, exit_code=BAD_INPUT) from None


def named(name: str) -> Environment:
    """A committed environment, checked; an unknown name is refused with the nearest known one.

    Raises:
        OperatorError: there is no such environment, or its file breaks a rule.
    """
    known = names()
    if name not in known:
        raise unknown("environment", name, known)
    try:
        (environment,) = load([name])
    except SpecError as error:
        raise OperatorError(
            str(error), remedy=f"correct wealist/spec/environments/{name}.py", exit_code=BAD_INPUT
        ) from None
    return environment
