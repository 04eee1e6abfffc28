"""What still works when something is lost or broken, read from the JSON of one environment.

zone, gateway, instance, primary, revision ─► World (subnets and ways that remain) ─► works, degraded, unknown or lost

It holds for what the reachability proofs hold for: security groups let documented traffic through, or they say so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from wealist.checks import reachability
from wealist.checks.drill import services, stores
from wealist.checks.drill.world import Event, State, Verdict, World, events, zones_in_words
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
    """How one part fares in one event.

    Attributes:
        event: `zone a is lost`.
        part: `site`, `API: user`, `database`, …
        state: Works, degraded, unknown to the JSON, or lost.
        why: By the addresses that decide it.
    """

    event: str
    part: str
    state: State
    why: str


def drill(synthesis: Synthesis, name: str) -> list[Outcome]:
    """What every event does to every part of an environment, event by event.

    Raises:
        OperatorError: there is no such environment, or its stack's network cannot be read; with exit code 2.
    """
    topology, environment = reachability.topology(synthesis, name), synthesis.environments[name]
    outcomes = []
    for event in events(topology, environment.services):
        worlds = [World(topology, loss) for loss in event.losses]
        for part, fares in _parts(environment):
            verdict = _worst_of([(world, fares(world)) for world in worlds], event)
            outcomes.append(Outcome(event.name, part, verdict.state, verdict.why))
    return outcomes


def table(name: str, outcomes: list[Outcome]) -> Table:
    """A drill, to be printed."""
    rows = [(str(each.state), each.event, each.part, each.why) for each in outcomes]
    return Table(f"{name}: what still works", ("state", "event", "part", "why"), rows, _STYLES)


def _parts(environment: Environment) -> list[tuple[str, Callable[[World], Verdict]]]:
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


def _worst_of(verdicts: list[tuple[World, Verdict]], event: Event) -> Verdict:
    """The one verdict; or of an event whose zone the JSON does not say, the worst, with its zone."""
    if not verdicts:
        return Verdict(State.UNKNOWN, f"the JSON does not say where {event.name.removesuffix(' is lost')} is")
    different = {verdict for _, verdict in verdicts}
    if len(different) == 1:
        return different.pop()
    world, verdict = max(verdicts, key=lambda each: each[1].state)
    return Verdict(verdict.state, f"at worst, where that is {zones_in_words(world.loss.zones)}: {verdict.why}")
