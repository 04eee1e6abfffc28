"""What is accepted: the committed inventory, and what may leave it although it holds data.

    inventory/*.yaml ────────► holdings of each stack when they were last accepted
    inventory/released.toml ─► stateful addresses that somebody lets go, with date and reason

An address that leaves the code leaves the state at the next apply, and what it names is destroyed. What holds data
therefore leaves the inventory only by an entry that a person writes into `released.toml`.
"""

import datetime as dt
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from wealist.checks.inventory import Holdings, files, parse, read
from wealist.errors import BAD_INPUT, OperatorError

RELEASED: Final = "released.toml"
HOW_TO_RELEASE: Final = (
    '[[released]] with stack = "…", address = "…", date = YYYY-MM-DD, reason = "why it may go, and where its data is"'
)
_WHOLE_STACK: Final = "*"
_SHORTEST_REASON: Final = 15
_FIELDS: Final[Mapping[str, type]] = {"stack": str, "address": str, "date": dt.date, "reason": str}


@dataclass(frozen=True)
class Release:
    """One entry of `released.toml`.

    Attributes:
        stack: The stack that holds it.
        address: A Terraform address, `*` in its name stands for anything; `*` alone releases the whole stack, which
            must then be gone or destroyable.
        date: When it was decided.
        reason: Why it may go, and where its data is.
    """

    stack: str
    address: str
    date: dt.date
    reason: str

    def covers(self, stack: str, address: str, *, whole_stack: bool) -> bool:
        """Return whether it releases an address.

        Args:
            stack: The address's stack.
            address: The address.
            whole_stack: Whether the stack is gone or may be destroyed; only then does `*` count.
        """
        if self.stack != stack or (self.address == _WHOLE_STACK and not whole_stack):
            return False
        return fnmatchcase(address, self.address)


@dataclass(frozen=True)
class Accepted:
    """What was accepted.

    Attributes:
        holdings: Stack → what it held.
        releases: Every entry of `released.toml`.
    """

    holdings: Mapping[str, Holdings]
    releases: tuple[Release, ...] = ()

    def releases_address(self, stack: str, address: str, *, whole_stack: bool = False) -> bool:
        """Return whether an address that holds data may leave."""
        return any(each.covers(stack, address, whole_stack=whole_stack) for each in self.releases)


def is_protected(arguments: Mapping[str, Any]) -> bool:
    """Return whether Terraform refuses to destroy a resource (`lifecycle.prevent_destroy`)."""
    lifecycle = arguments.get("lifecycle")
    return isinstance(lifecycle, Mapping) and lifecycle.get("prevent_destroy") is True


def load(folder: Path, shared: Collection[str]) -> Accepted:
    """Read the committed inventory and its releases.

    Raises:
        OperatorError: either cannot be read; exit code 2.
    """
    return Accepted(read(folder, shared), releases(folder / RELEASED))


def releases(path: Path) -> tuple[Release, ...]:
    """Read `released.toml`; a missing file releases nothing.

    Raises:
        OperatorError: the file is no TOML, or entries are not of the form; all problems at once, exit code 2.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise _refused([f"cannot be read: {error}"]) from None
    problems = [f"holds {name!r}; the only table is [[released]]" for name in sorted(tables.keys() - {"released"})]
    entries = tables.get("released", [])
    problems += [f"entry {number}: {each}" for number, entry in enumerate(entries, 1) for each in _problems(entry)]
    if problems:
        raise _refused(problems)
    return tuple(Release(**entry) for entry in entries)


def _problems(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name!r} is no field of a release" for name in sorted(entry.keys() - _FIELDS.keys()))
    for name, kind in _FIELDS.items():
        if type(entry.get(name)) is not kind:
            yield f"{name} is {entry.get(name)!r}; write {'a date' if kind is dt.date else 'a text'}"
        elif name == "reason" and len(entry[name].strip()) < _SHORTEST_REASON:
            yield f"reason is {entry[name]!r}; say why in a sentence"


def _refused(problems: list[str]) -> OperatorError:
    remedy = f"correct inventory/{RELEASED}; an entry is {HOW_TO_RELEASE}"
    return OperatorError(f"{RELEASED} {'; '.join(problems)}", remedy=remedy, exit_code=BAD_INPUT)


def difference(folder: Path, stacks: Mapping[str, Holdings], environments: Collection[str]) -> list[str]:
    """Return a unified diff from the committed inventory to what was synthesized; empty where it is current."""
    lines: list[str] = []
    current = files(stacks, environments)
    for name in sorted(current.keys() | {path.name for path in folder.glob("*.yaml")}):
        path = folder / name
        before = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
        after = current.get(name, "").splitlines()[1:]
        label = f"{folder.name}/{name}"
        lines += [line.rstrip("\n") for line in unified_diff(before, after, label, label, n=1)]
    return lines


def write(folder: Path, stacks: Mapping[str, Holdings], environments: Collection[str]) -> None:
    """Write the inventory's files, and delete those of stacks that are gone. Each file is replaced as a whole.

    Raises:
        ValueError: a file would not read back to what it describes; nothing is written.
    """
    folder.mkdir(exist_ok=True)
    current = files(stacks, environments)
    for name, text in current.items():
        parse(text, name)
    for name, text in current.items():
        draft = folder / f".{name}"
        draft.write_text(text, encoding="utf-8")
        draft.replace(folder / name)
    for path in folder.glob("*.yaml"):
        if path.name not in current:
            path.unlink()
