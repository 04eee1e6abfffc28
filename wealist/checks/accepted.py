"""Accept a synthesis: update the committed inventory, and require a release for stateful resources that leave it.

    inventory/*.yaml ────────► the content of each stack when it was last accepted
    inventory/released.toml ─► stateful addresses that may be removed, with date and reason
    inventory/removed.txt ───► addresses that left the code; a state may contain them until the next apply

The next apply destroys a resource whose address left the code. A stateful resource therefore leaves the inventory only
with an entry of `released.toml`, which a person writes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from wealist.checks import entries
from wealist.checks.inventory import files, is_current, parse, read
from wealist.errors import FAILURE, OperatorError
from wealist.files import write_atomically
from wealist.model.stack import Holdings
from wealist.project import ROOT

FOLDER: Final = ROOT / "inventory"
RELEASED: Final = "released.toml"
REMOVED: Final = "removed.txt"
STATEFUL_MODULES: Final = frozenset({"state_backend"})
"""Folders of HCL modules that hold data: the bucket of every stack's state."""
HOW_TO_RELEASE: Final = (
    f'write an entry into inventory/{RELEASED}: [[released]] with stack = "…", address = "…", date = YYYY-MM-DD, '
    'reason = "why it may go, and where its data is"'
)
_WHOLE_STACK: Final = "*"
_WITHOUT_STATE: Final = ("data.", "ephemeral.", "output.", "check.", "provider", "terraform")


@dataclass(frozen=True)
class Release:
    """One entry of `released.toml`.

    Attributes:
        stack: The name of the stack.
        address: A Terraform address, with `*` as wildcard. `*` alone releases a whole stack that is removed or
            destroyable.
        date: The day of the decision.
        reason: Why the resource may be removed, and where its data is.
        line: The line of the file where the entry begins.
    """

    __pydantic_config__ = entries.STRICT

    stack: str
    address: str
    date: entries.Day
    reason: entries.Reason
    line: int = 0

    def covers(self, stack: str, address: str, *, whole_stack: bool) -> bool:
        """Return whether the entry releases an address.

        Args:
            stack: The address's stack.
            address: The address.
            whole_stack: Whether the stack is removed or destroyable; `*` alone is ignored otherwise.
        """
        if self.stack != stack or (self.address == _WHOLE_STACK and not whole_stack):
            return False
        return fnmatchcase(address, self.address)


@dataclass(frozen=True)
class Accepted:
    """The accepted state of the project.

    Attributes:
        holdings: The content of each stack.
        releases: Every entry of `released.toml`.
        removed: Addresses that left the code, by stack.
    """

    holdings: Mapping[str, Holdings] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    removed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def is_released(self, stack: str, address: str, *, whole_stack: bool = False) -> bool:
        """Return whether a stateful resource may be removed."""
        return any(each.covers(stack, address, whole_stack=whole_stack) for each in self.releases)

    def knows(self, stack: str, address: str) -> bool:
        """Return whether an address is, or was, part of a stack."""
        return (
            address in self.holdings.get(stack, {})
            or address in self.removed.get(stack, ())
            or self.is_released(stack, address)
        )


def is_protected(arguments: Mapping[str, Any]) -> bool:
    """Return whether `lifecycle.prevent_destroy` is set: Terraform then rejects plans that destroy the resource."""
    lifecycle = arguments.get("lifecycle")
    return isinstance(lifecycle, Mapping) and lifecycle.get("prevent_destroy") is True


def is_stateful_module(call: Mapping[str, Any]) -> bool:
    """Return whether a module call contains data that an apply cannot recreate."""
    return str(call.get("source")).rpartition("/")[2] in STATEFUL_MODULES


def stateful(holdings: Holdings) -> set[str]:
    """Return the addresses of a stack that hold data, which no plan may destroy."""
    return {
        address
        for address, arguments in holdings.items()
        if (is_stateful_module(arguments) if address.startswith("module.") else is_protected(arguments))
    }


def load(folder: Path, shared: Collection[str]) -> Accepted:
    """Read the committed inventory, the releases and the removed addresses. All are empty without files.

    Args:
        folder: The folder of the inventory.
        shared: The stacks that are not environments.

    Raises:
        OperatorError: one of the files cannot be read; with exit code 2.
    """
    return _with(folder, read(folder, shared) if any(folder.glob("*.yaml")) else {})


def compare(folder: Path, stacks: Mapping[str, Holdings], environments: Collection[str]) -> Accepted:
    """Do as `load`, but do not parse files whose digest matches the stacks."""
    if is_current(folder, stacks, environments):
        return _with(folder, stacks)
    return load(folder, stacks.keys() - set(environments))


def _with(folder: Path, holdings: Mapping[str, Holdings]) -> Accepted:
    return Accepted(holdings, releases(folder / RELEASED), removed(folder / REMOVED))


def releases(path: Path) -> tuple[Release, ...]:
    """Read `released.toml`; none without the file. Raises as `entries.read` does."""
    return tuple(entries.read(path, "released", Release, remedy=HOW_TO_RELEASE)) if path.exists() else ()


def removed(path: Path) -> dict[str, frozenset[str]]:
    """Read `removed.txt`: addresses by stack; none without the file."""
    if not path.exists():
        return {}
    words = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    stacks = {stack for stack, _ in words}
    return {name: frozenset(address for stack, address in words if stack == name) for name in stacks}


def removed_types(addresses: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return the types of removed resources. The pipeline needs their permissions until the next apply."""
    return frozenset(address.partition(".")[0] for each in addresses.values() for address in each) - {"module"}


def difference(folder: Path, stacks: Mapping[str, Holdings], environments: Collection[str]) -> list[str]:
    """Return a unified diff from the committed inventory to the synthesis; empty if they are equal."""
    lines: list[str] = []
    current = files(stacks, environments)
    for name in sorted(current.keys() | {path.name for path in folder.glob("*.yaml")}):
        path = folder / name
        before = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
        after = current.get(name, "").splitlines()[1:]
        label = f"{folder.name}/{name}"
        lines += [line.rstrip("\n") for line in unified_diff(before, after, label, label, n=1)]
    return lines


def accept(
    folder: Path,
    stacks: Mapping[str, Holdings],
    environments: Collection[str],
    *,
    before: Accepted,
    destroyable: Collection[str],
) -> None:
    """Write the inventory. Each file is replaced as a whole.

    Args:
        folder: The folder of the inventory.
        stacks: The current content of each stack.
        environments: The stacks that are environments.
        before: The previous state of the project.
        destroyable: The destroyable environments.

    Raises:
        OperatorError: a stateful resource would leave without a release; nothing is written.
    """
    if lost := list(_unreleased(stacks, before, destroyable)):
        raise OperatorError(
            f"stateful resources would leave the inventory: {'; '.join(lost)}",
            remedy=f"bring it back into the code, or {HOW_TO_RELEASE}",
            exit_code=FAILURE,
        )
    texts = files(stacks, environments)
    for name, text in texts.items():
        parse(text, name)  # never write a file that cannot be read
    gone = {
        (stack, address)
        for stack in stacks.keys() & (before.holdings.keys() | before.removed.keys())
        for address in (before.holdings.get(stack, {}).keys() | before.removed.get(stack, set())) - stacks[stack].keys()
        if not address.startswith(_WITHOUT_STATE)
    }
    if gone:
        head = "# Generated by `wealist accept`: what has left the code. A state holds it until the next apply.\n"
        texts[REMOVED] = head + "".join(f"{stack} {address}\n" for stack, address in sorted(gone))
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        write_atomically(folder / name, text)
    for path in [*folder.glob("*.yaml"), folder / REMOVED]:
        if path.name not in texts:
            path.unlink(missing_ok=True)


def _unreleased(stacks: Mapping[str, Holdings], before: Accepted, destroyable: Collection[str]) -> Iterator[str]:
    for stack, held in sorted(before.holdings.items()):
        whole_stack = stack not in stacks or stack in destroyable
        for address in sorted(stateful(held) - stateful(stacks.get(stack, {}))):
            if not before.is_released(stack, address, whole_stack=whole_stack):
                yield f"{stack}: {address}"
