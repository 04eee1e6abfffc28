"""Who can reach whom, proven from the JSON of each environment: routes, addresses and security groups together.

cdk.tf.json ─► Topology ─► Connections ─┬─► invariants, each proven or refuted
                                        └─► Matrix, for people
"""

from collections.abc import Iterator

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.coverage import misplaced, unread
from wealist.checks.reachability.endpoints import bypasses_endpoint
from wealist.checks.reachability.forwarding import wrong_forwarding
from wealist.checks.reachability.internal import exposed
from wealist.checks.reachability.invariants import broken
from wealist.checks.reachability.network_acls import acl_gaps
from wealist.checks.reachability.shown import Matrix, claims_table, matrix_of, table
from wealist.checks.reachability.topology import Topology, read_topology
from wealist.errors import BAD_INPUT, OperatorError, unknown_name
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

__all__ = ["Matrix", "claims_table", "matrix", "prove", "table", "topology"]


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Whatever refutes a claim on an environment, and networks in stacks that are no environment."""
    for name, stack in sorted(synthesis.stacks.items()):
        environment = synthesis.environments.get(name)
        yield from _prove(stack, environment) if environment else misplaced(stack)


def matrix(synthesis: Synthesis, name: str) -> Matrix:
    """Who can open connections to whom in an environment.

    Raises:
        OperatorError: as `topology` does.
    """
    return matrix_of(Connections(topology(synthesis, name)))


def topology(synthesis: Synthesis, name: str) -> Topology:
    """The network of an environment.

    Raises:
        OperatorError: there is no such environment, or its stack's network cannot be read; with exit code 2.
    """
    if name not in synthesis.environments:
        raise unknown_name("environment", name, synthesis.environments)
    network = read_topology(synthesis.stacks[name], synthesis.environments[name])
    if not isinstance(network, Topology):
        problems = "; ".join(f"{each.address} {each.problem}" for each in network)
        raise OperatorError(
            f"the network of {name} cannot be read: {problems}",
            remedy=f"run `python -m wealist check {name}` for what to do about it",
            exit_code=BAD_INPUT,
        )
    return network


def _prove(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    network = read_topology(stack, environment)
    if not isinstance(network, Topology):
        yield from unread(stack, network)
        return
    connections = Connections(network)
    yield from unread(stack, [*connections.gaps, *acl_gaps(stack, environment)])
    yield from broken(connections, environment)
    yield from bypasses_endpoint(connections)
    yield from wrong_forwarding(stack, environment)
    yield from exposed(stack, environment)
