"""Rules about which settings exist."""

from collections.abc import Iterator
from difflib import get_close_matches

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.settings import Settings


def no_unknown_fields(environment: Environment) -> Iterator[Problem]:
    """A setting that nobody reads is a setting that somebody believes in."""
    yield from unknown_fields(environment.name, environment)


def unknown_fields(owner: str, group: Settings) -> Iterator[Problem]:
    """The settings of a group, and of those inside it, that there are not.

    Args:
        owner: Whose settings they are: an environment's, or the account's.
        group: The settings.
    """
    for path, settings in group.within():
        known = list(type(settings).model_fields)
        for name, value in (settings.model_extra or {}).items():
            near = get_close_matches(name, known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known)}"
            yield Problem(owner, f"{path}{name}", value, "is not a setting", remedy)
