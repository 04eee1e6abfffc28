"""Who can reach whom, proven from the JSON of each environment: routes, addresses and security groups together.

cdk.tf.json ─► Topology ─► Connections ─┬─► claims, each proven or refuted by a path
                                        └─► Matrix, for people
"""

from collections.abc import Iterator

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.reachability import claims, edges, endpoints, understood
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.forwarding import misdirected
from wealist.checks.reachability.internal import exposed
from wealist.checks.reachability.matrix import Matrix, matrix_of, table
from wealist.checks.reachability.parties import documented
from wealist.checks.reachability.proofs import Proof, proof_table, proofs
from wealist.checks.reachability.topology import Topology, read_topology
from wealist.errors import BAD_INPUT, OperatorError, unknown
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

__all__ = ["Matrix", "Proof", "matrix", "proof_table", "proofs", "prove", "table", "topology"]


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Every claim on every environment, and that no other stack touches a network."""
    for stack, environment in synthesis.environment_stacks():
        yield from _prove(stack, environment)
    for name, stack in sorted(synthesis.stacks.items()):
        if name not in synthesis.environments:
            yield from understood.misplaced(stack)


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
        raise unknown("environment", name, synthesis.environments)
    found = read_topology(synthesis.stacks[name], synthesis.environments[name])
    if not isinstance(found, Topology):
        problems = "; ".join(f"{each.address} {each.problem}" for each in found)
        raise OperatorError(
            f"the network of {name} cannot be read: {problems}",
            remedy=f"run `python -m wealist check {name}` for what to do about it",
            exit_code=BAD_INPUT,
        )
    return found


def _prove(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    read = read_topology(stack, environment)
    if not isinstance(read, Topology):
        yield from understood.unread(stack, read)
        return
    connections = Connections(read)
    yield from understood.unread(stack, [*read.unread, *connections.unread])
    described = documented(environment)
    suspects = {finding.address: finding for finding in edges.undocumented(connections, described)}
    for finding, connection in claims.refuted(connections, described, suspects):
        yield finding
        suspects = {address: each for address, each in suspects.items() if address not in connection.opened_by}
    for finding in claims.outward(connections):
        if suspects.pop(finding.address, None):
            yield finding
    yield from suspects.values()
    yield from edges.missing(connections, described)
    yield from edges.unworn(connections)
    yield from claims.tiers(read, environment)
    yield from claims.public_addresses(read)
    yield from endpoints.strayed(connections)
    yield from misdirected(stack, environment)
    yield from exposed(stack, environment)
