"""Environments are alike but for their settings: what differs follows from one, or carries a reason.

differences ─┬─ what parity.toml says a setting changes, with the value that the setting has ─► explained
             ├─ accepted in parity.toml, with a reason                                      ─► explained
             └─ else                                                                        ─► a finding
"""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.parity.differences import MISSING, Difference, differences
from wealist.checks.parity.table import FILE, Table, read
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

UNEXPLAINED: Final = "parity.unexplained"
UNUSED: Final = "parity.unused"
_LONGEST: Final = 100

Described = tuple[StackJson, Environment]


def prove(synthesis: Synthesis, table: Table | None = None) -> Iterator[Finding]:
    """What no setting explains, of each environment against the one that lasts.

    Args:
        synthesis: What was synthesized; of one environment alone there is nothing to say.
        table: What settings change; the committed one where none is given.
    """
    environments = list(synthesis.environment_stacks())
    if len(environments) > 1:
        table = table or read()
        reference = next((each for each in environments if not each[1].may_be_destroyed), environments[0])
        others = (each for each in environments if each is not reference)
        yield from chain.from_iterable(compare(other, reference, table) for other in others)


def compare(left: Described, right: Described, table: Table) -> Iterator[Finding]:
    """What no setting explains between two environments, and what the table explains in vain."""
    both = left[1], right[1]
    changing = [effect for effect in table.effects if effect.differs(*both)]
    accepted = [each for each in table.accepted if each.between == {both[0].name, both[1].name}]
    used: set[object] = set()
    for difference in differences(left[0], right[0], both):
        explaining = [effect for effect in changing if effect.explains(difference, *both)]
        reasons = [each for each in accepted if each.covers(difference)]
        used |= {effect.setting for effect in explaining} | {each.what for each in reasons}
        if not explaining and not reasons:
            yield _unexplained(difference, *both)
    for setting in sorted({effect.setting for effect in changing if effect.is_in_both(*both)} - used):
        problem = f"{setting} differs between {both[0].name} and {both[1].name}, and nothing of it is in the JSON"
        yield Finding(
            both[1].name, setting, UNUSED, problem, f"mend its entry in {FILE.name}, or what it should change"
        )
    for each in accepted:
        if each.what not in used:
            problem = f"no difference of {both[0].name} and {both[1].name} needs this reason: {each.reason}"
            yield Finding(both[1].name, each.what, UNUSED, problem, f"delete its entry in {FILE.name}")


def _unexplained(difference: Difference, left: Environment, right: Environment) -> Finding:
    values = " and ".join(
        f"{_short(value)} in {environment.name}"
        for value, environment in ((difference.left, left), (difference.right, right))
    )
    return Finding(
        right.name,
        difference.address,
        UNEXPLAINED,
        f"{difference.attribute or 'it'} is {values}, and no setting that differs explains it",
        f"make them alike, or say in {FILE.name} which setting changes it, or why it is accepted",
    )


def _short(value: object) -> str:
    if value is MISSING:
        return "missing"
    text = value if value == "present" else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
