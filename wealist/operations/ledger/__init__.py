"""Every address of every stack, as committed: what a change to an address is measured against.

<stack>.txt ─ committed() ─► StackLedger ─┬─ aws_vpc.network_vpc                    an address
                                          ├─ aws_kms_key.encryption_key  # stateful one that no plan may destroy
                                          ├─ aws_eip.network_old  # removed         one that a state may still hold
                                          └─ - aws_db_instance.x  # 2026-11-22: …   one that was given up, and why

An address that leaves the code leaves the state at the next apply, and what it named is destroyed. The ledger makes
that a line of the same change. What is stateful leaves it only by an acknowledgement, which somebody writes by hand.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from wealist.errors import BAD_INPUT, OperatorError
from wealist.spec.stateful import STATEFUL_MODULES

FOLDER: Final = Path(__file__).parent
WHAT_TO_DO: Final = """\
A resource or module that is gone (-) would be destroyed by the next apply: in the same change, say where it went with
`moved`, or give it up with `removed`. The name of one that is new (+) is there to stay: make sure of it.
Then rewrite the ledger with `python -m wealist ledger`, and commit it. It keeps what is gone as `# removed`: a state
that holds anything else than what the ledger names is refused as another system's."""
HOW_TO_ACKNOWLEDGE: Final = "- ADDRESS  # YYYY-MM-DD: why it may go, and where its data is"
_ANYTHING: Final = "*"
"""Acknowledges an environment that is to be destroyed as a whole."""
_STATEFUL: Final = "  # stateful"
_REMOVED: Final = "  # removed"
_ACKNOWLEDGED: Final = re.compile(
    r"- (?P<pattern>\*|[a-z][\w-]*\.\S+)  # (?P<day>\d{4}-\d\d-\d\d): (?P<reason>\S.{14,})"
)
_ADDRESS: Final = re.compile(r"[a-z][\w-]*(\.[\w-]+)+")
_TWO_LEVELS: Final = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_IN_NO_STATE: Final = ("data.", "ephemeral.", "output.", "var.", "local.")
"""What an apply destroys nothing with."""
_ONE_LEVEL: Final = {"module": "module.", "output": "output.", "variable": "var.", "locals": "local."}


@dataclass(frozen=True)
class StackLedger:
    """One stack's addresses.

    Attributes:
        addresses: All of them.
        stateful: Those that no plan may destroy.
        acknowledged: Pattern of addresses that were given up → why: a whole type, then a name in which `*` stands for
            anything. `*` alone gives a whole environment up.
        removed: Resources and modules that have left the code. A state holds them until the next apply.
    """

    addresses: frozenset[str] = frozenset()
    stateful: frozenset[str] = frozenset()
    acknowledged: Mapping[str, str] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    def acknowledges(self, address: str, *, as_a_whole: bool = False) -> bool:
        """Whether somebody has written that an address may go.

        Args:
            address: The address.
            as_a_whole: Whether its stack is gone, or may be destroyed: what is given up as a whole goes no other way.
        """
        return any(fnmatchcase(address, each) for each in self.acknowledged if as_a_whole or each != _ANYTHING)

    def lines(self) -> list[str]:
        """The ledger's file: addresses in order, then those that were removed, then acknowledgements."""
        told = [f"{each}{_STATEFUL if each in self.stateful else ''}" for each in sorted(self.addresses)]
        told += [f"{each}{_REMOVED}" for each in sorted(self.removed)]
        return told + [f"- {pattern}  # {why}" for pattern, why in sorted(self.acknowledged.items())]


def taken(document: Mapping[str, Any]) -> StackLedger:
    """What a stack's JSON would put into the ledger; acknowledgements are nobody's but a person's."""
    resources = document.get("resource", {})
    protected = {
        f"{kind}.{name}" for kind, named in resources.items() for name, values in named.items() if prevented(values)
    }
    modules = {f"module.{name}" for name, call in document.get("module", {}).items() if is_stateful_module(call)}
    return StackLedger(frozenset(_addresses(document)), frozenset(protected | modules))


def prevented(values: Mapping[str, Any]) -> bool:
    """Whether Terraform refuses to destroy a resource."""
    lifecycle = values.get("lifecycle")
    return isinstance(lifecycle, Mapping) and lifecycle.get("prevent_destroy") is True


def is_stateful_module(call: Mapping[str, Any]) -> bool:
    """Whether a module call makes what no apply can make again."""
    return str(call.get("source")).rpartition("/")[2] in STATEFUL_MODULES


def _addresses(document: Mapping[str, Any]) -> Iterator[str]:
    for section, prefix in _TWO_LEVELS.items():
        for kind, named in document.get(section, {}).items():
            yield from (f"{prefix}{kind}.{name}" for name in named)
    for section, prefix in _ONE_LEVEL.items():
        yield from (f"{prefix}{name}" for name in document.get(section, {}))


def committed(folder: Path = FOLDER) -> dict[str, StackLedger]:
    """The ledger of each stack, by its name.

    Raises:
        OperatorError: lines that are none of the four kinds, all of them at once; with exit code 2.
    """
    problems: list[str] = []
    found = {}
    for path in sorted(folder.glob("*.txt")):
        addresses: set[str] = set()
        stateful: set[str] = set()
        removed: set[str] = set()
        acknowledged: dict[str, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            address = line.removesuffix(_STATEFUL)
            if (given_up := _ACKNOWLEDGED.fullmatch(line)) and _is_day(given_up["day"]):
                acknowledged[given_up["pattern"]] = f"{given_up['day']}: {given_up['reason']}"
            elif line.endswith(_REMOVED) and _ADDRESS.fullmatch(left := line.removesuffix(_REMOVED)):
                removed.add(left)
            elif _ADDRESS.fullmatch(address):
                addresses.add(address)
                stateful.update({address} if address != line else ())
            else:
                problems.append(f"{path.name}:{number}: {line!r}")
        found[path.stem] = StackLedger(frozenset(addresses), frozenset(stateful), acknowledged, frozenset(removed))
    if problems:
        raise OperatorError(
            f"lines of the address ledger that say nothing: {'; '.join(problems)}",
            remedy=f"write an address, or an acknowledgement as: {HOW_TO_ACKNOWLEDGE}",
            exit_code=BAD_INPUT,
        )
    return found


def _is_day(text: str) -> bool:
    """Whether a day of the calendar has this date, whatever day it is today."""
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def begin(stacks: Iterable[str], folder: Path = FOLDER) -> None:
    """An empty ledger for each stack without one: it is new, and nothing of it can be lost yet."""
    for stack in stacks:
        (folder / f"{stack}.txt").touch()


def unacknowledged(before: Mapping[str, StackLedger], now: Mapping[str, StackLedger]) -> dict[str, list[str]]:
    """The stateful addresses that are gone, or no longer protected, and that nobody has given up: by stack."""
    lost = {
        stack: sorted(
            each
            for each in ledger.stateful - now.get(stack, StackLedger()).stateful
            if not ledger.acknowledges(each, as_a_whole=not now.get(stack, StackLedger()).stateful)
        )
        for stack, ledger in before.items()
    }
    return {stack: addresses for stack, addresses in lost.items() if addresses}


def differences(before: Mapping[str, StackLedger], now: Mapping[str, StackLedger]) -> list[str]:
    """Each address that is gone (`-`), new (`+`), or stateful in one of both only (`~`), with its stack."""
    told = []
    for stack in sorted(before.keys() | now.keys()):
        old, new = (each.get(stack, StackLedger()) for each in (before, now))
        told += [f"- {stack}: {each}" for each in sorted(old.addresses - new.addresses)]
        told += [f"+ {stack}: {each}" for each in sorted(new.addresses - old.addresses)]
        both = old.addresses & new.addresses
        told += [f"~ {stack}: {each} is stateful" for each in sorted((new.stateful - old.stateful) & both)]
        told += [f"~ {stack}: {each} is stateful no more" for each in sorted((old.stateful - new.stateful) & both)]
    return told


def write(before: Mapping[str, StackLedger], now: Mapping[str, StackLedger], folder: Path = FOLDER) -> None:
    """Makes the ledger what is there now, with the acknowledgements of before and what was removed since.

    A stack that is gone keeps its acknowledgements, and loses its file where it has none.

    Raises:
        OperatorError: something stateful would leave the ledger without an acknowledgement; nothing is written.
    """
    if lost := unacknowledged(before, now):
        told = "; ".join(f"{stack}: {', '.join(addresses)}" for stack, addresses in lost.items())
        raise OperatorError(
            f"stateful things would leave the ledger: {told}",
            remedy=f"bring them back into the code; or give them up in the ledger's file of the stack, by a line: "
            f"{HOW_TO_ACKNOWLEDGE}",
        )
    for stack in before.keys() | now.keys():
        found, old = now.get(stack, StackLedger()), before.get(stack, StackLedger())
        removed = _removed(old, found) if stack in now else frozenset()
        lines = StackLedger(found.addresses, found.stateful, old.acknowledged, removed).lines()
        path = folder / f"{stack}.txt"
        if lines:
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        else:
            path.unlink(missing_ok=True)


def _removed(before: StackLedger, now: StackLedger) -> frozenset[str]:
    """What a stack's state may still hold, and nothing else in the ledger names."""
    gone = (before.addresses | before.removed) - now.addresses
    return frozenset(each for each in gone if not each.startswith(_IN_NO_STATE) and not before.acknowledges(each))
