"""The failure drill: what still works when a zone, a gateway or a machine is lost, read from an environment's JSON.

event ─► Outage (remaining subnets and paths) ─► works, degraded, unknown or lost, for each part

The reachability proofs must hold; the drill assumes that security groups allow the documented connections.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from wealist.checks import reachability
from wealist.checks.drill import services, stores
from wealist.checks.drill.outages import Event, Outage, State, Verdict, events, zones_in_words
from wealist.checks.finding import Synthesis
from wealist.checks.tables import Table
from wealist.spec.environment import Environment

__all__ = ["Outcome", "State", "drill", "table"]

_STYLES: Final = {
    str(State.WORKS): "green",
    str(State.DEGRADED): "yellow",
    str(State.UNKNOWN): "magenta",
    str(State.LOST): "red",
}


@dataclass(frozen=True)
class Outcome:
    """The state of one part after one event.

    Attributes:
        event: `zone a is lost`.
        part: `site`, `API: user`, `database`, …
        state: Works, degraded, unknown or lost.
        why: The reason, which names the addresses that the state depends on.
    """

    event: str
    part: str
    state: State
    why: str


def drill(synthesis: Synthesis, name: str) -> list[Outcome]:
    """Return the state of every part of an environment after every event, event by event.

    Raises:
        OperatorError: The environment does not exist, or its network cannot be read; with exit code 2.
    """
    topology, environment = reachability.topology(synthesis, name), synthesis.environments[name]
    outcomes = []
    for event in events(topology, environment.services):
        outages = [Outage(topology, loss) for loss in event.losses]
        for part, judge in _parts(environment):
            verdict = _worst_of([(outage, judge(outage)) for outage in outages], event)
            outcomes.append(Outcome(event.name, part, verdict.state, verdict.why))
    return outcomes


def table(name: str, outcomes: list[Outcome]) -> Table:
    """Return the table of a drill."""
    rows = [(str(each.state), each.event, each.part, each.why) for each in outcomes]
    return Table(f"{name}: what still works", ("state", "event", "part", "why"), rows, _STYLES)


def _parts(environment: Environment) -> list[tuple[str, Callable[[Outage], Verdict]]]:
    return [
        ("site", services.site),
        *((f"API: {service.name}", partial(services.api, route=service)) for service in environment.services),
        ("new instances", partial(services.new_instances, environment=environment)),
        ("deployments, image pulls", partial(services.deployments, environment=environment)),
        ("Systems Manager", services.systems_manager),
        ("database", stores.database),
        ("cache", stores.cache),
        ("monitoring", partial(services.monitoring, environment=environment)),
    ]


def _worst_of(verdicts: list[tuple[Outage, Verdict]], event: Event) -> Verdict:
    """Return the verdict if all are the same; else, for an event in an unknown zone, the worst, with its zone."""
    if not verdicts:
        return Verdict(State.UNKNOWN, f"the JSON does not specify {event.name.removesuffix(' is lost')}")
    different = {verdict for _, verdict in verdicts}
    if len(different) == 1:
        return different.pop()
    outage, verdict = max(verdicts, key=lambda each: each[1].state)
    return Verdict(verdict.state, f"at worst, if that is {zones_in_words(outage.loss.zones)}: {verdict.why}")
