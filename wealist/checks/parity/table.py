"""What each setting changes in the JSON, as data: `parity.toml`.

[[setting]] name ─┬─ equals    the argument is the setting's value
                  ├─ opposite  the argument is not the setting's value (booleans)
                  ├─ exists    the argument, or the whole resource, is there exactly where the setting has a value
                  ├─ each      the same, for each route: {name}, {full_name}, {label} and {port} are its own
                  └─ follows   the argument changes with the setting, in a way of its own
[[accepted]] what, between, reason
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from wealist.checks.parity.differences import MISSING, Difference
from wealist.errors import BAD_INPUT, OperatorError
from wealist.spec.environment import Environment

FILE: Final = Path(__file__).with_name("parity.toml")
Kind = Literal["equals", "opposite", "exists", "each", "follows"]
_KINDS: Final[tuple[Kind, ...]] = ("equals", "opposite", "exists", "each", "follows")
_LACKING: Final = object()
_SHORTEST_REASON: Final = 20
_PLAIN: Final = {"true": True, "false": False}


@dataclass(frozen=True)
class Effect:
    """One thing that a setting changes.

    Attributes:
        setting: Its path in `Environment`: `backend.min_size`.
        kind: How the JSON follows from it.
        pattern: `ADDRESS ATTRIBUTE`, or `ADDRESS` for whole things; `*` stands for anything.
        where: For `exists`: the setting's value where the thing is there.
    """

    setting: str
    kind: Kind
    pattern: str
    where: str = ""

    def differs(self, left: Environment, right: Environment) -> bool:
        """Whether the setting is not the same in two environments; where it is, it explains nothing."""
        return setting(left, self.setting) != setting(right, self.setting)

    def is_in_both(self, left: Environment, right: Environment) -> bool:
        """Whether both environments have the setting at all: those of a managed database are not in an external one."""
        return _LACKING not in (setting(left, self.setting), setting(right, self.setting))

    def explains(self, difference: Difference, left: Environment, right: Environment) -> bool:
        """Whether a difference is this effect, with the values that the setting has in both environments."""
        both = ((difference.left, left), (difference.right, right))
        if self.kind == "each":
            there = [_own(environment, self.pattern) for _, environment in both]
            return any(
                fnmatchcase(difference.what, pattern)
                and all((found is not MISSING) == (pattern in own) for (found, _), own in zip(both, there, strict=True))
                for pattern in set.union(*there)
            )
        return fnmatchcase(difference.what, self.pattern) and (
            self.kind == "follows"
            or all(self._fits(found, setting(environment, self.setting)) for found, environment in both)
        )

    def _fits(self, found: object, value: object) -> bool:
        if self.kind == "exists":
            return (found is not MISSING) == (_text(value) == self.where)
        plain = _PLAIN.get(found, found) if isinstance(found, str) else found
        return plain == value if self.kind == "equals" else plain == (not value)


@dataclass(frozen=True)
class Accepted:
    """One difference that no setting makes, and that is meant.

    Attributes:
        what: `ADDRESS ATTRIBUTE`, as in `Effect.pattern`.
        between: The names of the two environments.
        reason: Why, for whoever reviews it.
    """

    what: str
    between: frozenset[str]
    reason: str

    def covers(self, difference: Difference) -> bool:
        """Whether it is about a difference."""
        return fnmatchcase(difference.what, self.what)


@dataclass(frozen=True)
class Table:
    """All of the file."""

    effects: tuple[Effect, ...]
    accepted: tuple[Accepted, ...]


def setting(environment: Environment, path: str) -> object:
    """A setting's value, or what stands for its absence."""
    found: object = environment
    for name in path.split("."):
        found = getattr(found, name, _LACKING)
    return found


def _own(environment: Environment, pattern: str) -> set[str]:
    """A pattern, for each route of an environment."""
    full_names = {route.name: getattr(route, "full_name", route.name) for route in environment.routes}
    return {
        pattern.format(
            name=route.name,
            port=route.port,
            full_name=full_names[route.name],
            label=full_names[route.name].replace("-", "_"),
        )
        for route in environment.routes
    }


def _text(value: object) -> str:
    """A value as TOML's keys have it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def read(path: Path = FILE) -> Table:
    """Reads the table.

    Raises:
        OperatorError: the file is missing or no TOML, or entries are not as they must be (all of them at once);
            with exit code 2.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(path, [f"cannot be read: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(path, [f"is no TOML: {error}"]) from None
    problems = [f"holds {name!r}, which means nothing" for name in document.keys() - {"setting", "accepted"}]
    for entry in document.get("setting", []):
        problems += [f"[[setting]] {entry.get('name')!r}: {each}" for each in _wrong_setting(entry)]
    for entry in document.get("accepted", []):
        problems += [f"[[accepted]] {entry.get('what')!r}: {each}" for each in _wrong_accepted(entry)]
    if problems:
        raise _refused(path, problems)
    return Table(
        tuple(effect for entry in document.get("setting", []) for effect in _effects(entry)),
        tuple(
            Accepted(entry["what"], frozenset(entry["between"]), entry["reason"])
            for entry in document.get("accepted", [])
        ),
    )


def _effects(entry: Mapping[str, Any]) -> Iterator[Effect]:
    for kind in _KINDS:
        if kind == "exists":
            for where, patterns in entry.get(kind, {}).items():
                yield from (Effect(entry["name"], kind, pattern, where) for pattern in patterns)
        else:
            yield from (Effect(entry["name"], kind, pattern) for pattern in entry.get(kind, []))


def _wrong_setting(entry: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(entry.keys() - {"name", *_KINDS}):
        yield f"{name!r} is no field; they are name, {', '.join(_KINDS)}"
    if not isinstance(entry.get("name"), str):
        yield "name is not given"
    if not any(kind in entry for kind in _KINDS):
        yield f"it changes nothing; give one of {', '.join(_KINDS)}"
    for kind in _KINDS:
        given = entry.get(kind, {} if kind == "exists" else [])
        if kind != "exists" and not _is_patterns(given):
            yield f"{kind} is {given!r}; give a list of 'ADDRESS ATTRIBUTE'"
        if kind == "exists" and not (isinstance(given, dict) and all(map(_is_patterns, given.values()))):
            yield f"exists is {given!r}; give a list of 'ADDRESS ATTRIBUTE' for a value: exists.VALUE = […]"


def _wrong_accepted(entry: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(entry.keys() ^ {"what", "between", "reason"}):
        yield f"{name} is {'no field' if name in entry else 'not given'}; the fields are what, between, reason"
    between = entry.get("between")
    if not _is_patterns(between) or len(set(between or ())) != 2:  # noqa: PLR2004  a pair
        yield f"between is {between!r}; name two environments"
    if len(str(entry.get("reason", "")).strip()) < _SHORTEST_REASON:
        yield f"reason is {entry.get('reason')!r}; say why, in a sentence"


def _is_patterns(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


def _refused(path: Path, problems: Sequence[str]) -> OperatorError:
    told = problems[0] if len(problems) == 1 else "".join(f"\n  {each}" for each in problems)
    return OperatorError(f"{path.name} {told}", remedy=f"mend {path}, and run this again", exit_code=BAD_INPUT)
