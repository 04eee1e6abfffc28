"""The reachability proof: which connections each environment allows, by routes, addresses and security groups.

cdk.tf.json ─► Topology ─► Connections ─┬─► invariants, each proven or refuted
                                        └─► Matrix, for people

reader.py       reads references, address blocks and flags
nodes.py        reads resources with network addresses
topology.py     reads the VPC, and finds the paths that its routes open
connections.py  adds security group rules to paths
invariants.py   checks connections, rules, subnets and public addresses
listeners.py    checks where the load balancer sends requests
coverage.py     reports network resources that the proof does not read
tables.py       tables of connections and claims for `wealist check`
"""

from collections.abc import Iterator

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.coverage import acl_gaps, misplaced, unread
from wealist.checks.reachability.invariants import bypasses_endpoint, violations
from wealist.checks.reachability.listeners import exposed_paths, wrong_forwarding
from wealist.checks.reachability.tables import Matrix, claims_table, matrix_table, read_matrix
from wealist.checks.reachability.topology import Topology, read_topology
from wealist.errors import BAD_INPUT, OperatorError, unknown_name
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

__all__ = ["Matrix", "claims_table", "matrix", "matrix_table", "prove", "topology"]


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Report each refuted claim on an environment, and network resources in other stacks."""
    for name, stack in sorted(synthesis.stacks.items()):
        environment = synthesis.environments.get(name)
        yield from _prove(stack, environment) if environment else misplaced(stack)


def matrix(synthesis: Synthesis, name: str) -> Matrix:
    """Return the connections that an environment allows.

    Raises:
        OperatorError: As `topology` does.
    """
    return read_matrix(Connections(topology(synthesis, name)))


def topology(synthesis: Synthesis, name: str) -> Topology:
    """Return the network of an environment.

    Raises:
        OperatorError: The environment does not exist, or its network cannot be read; with exit code 2.
    """
    if name not in synthesis.environments:
        raise unknown_name("environment", name, synthesis.environments)
    network = read_topology(synthesis.stacks[name], synthesis.environments[name])
    if not isinstance(network, Topology):
        problems = "; ".join(f"{each.address} {each.problem}" for each in network)
        raise OperatorError(
            f"the network of {name} cannot be read: {problems}",
            remedy=f"run `python -m wealist check {name}`, which lists the remedies",
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
    yield from violations(connections, environment)
    yield from bypasses_endpoint(connections)
    yield from wrong_forwarding(stack, environment)
    yield from exposed_paths(stack, environment)
