"""Every address of every stack, one a line, as committed: what a change to an address is measured against."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
WHAT_TO_DO: Final = """\
A resource or module that is gone (-) would be destroyed by the next apply: in the same change, say where it went with
`moved`, or give it up with `removed`. The name of one that is new (+) is there to stay: make sure of it.
Then rewrite the ledger with `python -m tests.ledger`, and commit it."""
_TWO_LEVELS: Final = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_ONE_LEVEL: Final = {"module": "module.", "output": "output.", "variable": "var.", "locals": "local."}


def addresses(document: Mapping[str, Any]) -> set[str]:
    """Everything that has an address in a stack's JSON."""
    return set(_addresses(document))


def _addresses(document: Mapping[str, Any]) -> Iterator[str]:
    for section, prefix in _TWO_LEVELS.items():
        for kind, named in document.get(section, {}).items():
            yield from (f"{prefix}{kind}.{name}" for name in named)
    for section, prefix in _ONE_LEVEL.items():
        yield from (f"{prefix}{name}" for name in document.get(section, {}))


def committed() -> dict[str, set[str]]:
    """The ledger: the addresses of each stack, by its name."""
    return {path.stem: set(path.read_text(encoding="utf-8").split()) for path in sorted(FOLDER.glob("*.txt"))}


def write(found: Mapping[str, set[str]]) -> None:
    """Makes the ledger what was found: a file for each stack, and none for a stack that is gone."""
    for path in FOLDER.glob("*.txt"):
        if path.stem not in found:
            path.unlink()
    for stack, names in found.items():
        (FOLDER / f"{stack}.txt").write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")


def differences(before: Mapping[str, set[str]], now: Mapping[str, set[str]]) -> list[str]:
    """Each address that is gone (`-`) or new (`+`), with its stack."""
    stacks = sorted(before.keys() | now.keys())
    gone = [f"- {name}: {each}" for name in stacks for each in sorted(before.get(name, set()) - now.get(name, set()))]
    new = [f"+ {name}: {each}" for name in stacks for each in sorted(now.get(name, set()) - before.get(name, set()))]
    return gone + new
