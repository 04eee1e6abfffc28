"""The state of the database and the cache (architecture, sections 5 and 6)."""

from typing import Final

from wealist.checks.drill.outages import Outage, State, Verdict, database_zone, worst, zones_in_words, zones_of
from wealist.checks.reachability.nodes import NetworkNode, NodeKind
from wealist.model.stack import Resource
from wealist.spec.services import DATABASE_FAILOVER_SECONDS

UNTOUCHED: Final = "nothing that it depends on is lost"
_DATABASE_FAILOVER: Final = f"60 to {DATABASE_FAILOVER_SECONDS} seconds"
_CACHE_FAILOVER: Final = "about 30 seconds"


def database(outage: Outage) -> Verdict:
    """Return the state of PostgreSQL."""
    nodes = outage.topology.nodes_of(NodeKind.DATABASE)
    if not nodes:
        return Verdict(State.LOST, "the stack has none")
    return worst((_database(outage, node) for node in nodes), UNTOUCHED)


def cache(outage: Outage) -> Verdict:
    """Return the state of Redis."""
    nodes = outage.topology.nodes_of(NodeKind.CACHE)
    if not nodes:
        return Verdict(State.LOST, "the stack has none")
    return worst((_cache(outage, node) for node in nodes), UNTOUCHED)


def _database(outage: Outage, node: NetworkNode) -> Verdict:
    if node.address in outage.loss.nodes:
        return Verdict(State.DEGRADED, f"{node.address} fails over, or is restarted: it is available again after that")
    return _database_without_zones(outage, node) if outage.loss.zones else Verdict(State.WORKS, UNTOUCHED)


def _database_without_zones(outage: Outage, node: NetworkNode) -> Verdict:
    instance = outage.resource(node)
    if instance.type != "aws_db_instance":
        why = f"created by an operator in {node.address}: the JSON specifies neither its zone nor a standby"
        return Verdict(State.UNKNOWN, why)
    if instance.get("multi_az"):
        why = f"{node.address} (multi_az) fails over within {_DATABASE_FAILOVER} if its primary was there"
        return Verdict(State.DEGRADED, f"{why}, else it runs without its standby")
    zone = database_zone(outage.topology, node)
    if zone is None:
        return Verdict(State.UNKNOWN, f"{node.address} has no standby, and no availability_zone: RDS chose its zone")
    if zone in outage.loss.zones:
        why = f"{node.address} is in {zones_in_words([zone])}, without a standby (multi_az = False)"
        return Verdict(State.LOST, f"{why}: an operator restores a backup in another zone")
    return Verdict(State.WORKS, f"{node.address} is in {zones_in_words([zone])}")


def _cache(outage: Outage, node: NetworkNode) -> Verdict:
    group = outage.resource(node)
    zones = tuple(map(str, group.get("preferred_cache_cluster_azs") or []))
    if node.address in outage.loss.nodes:
        return _without_primary(node, group, replicas=group.get("num_cache_clusters", 1) - 1)
    if not outage.loss.zones.intersection(zones_of(node)):
        return Verdict(State.WORKS, UNTOUCHED)
    if not zones:
        return Verdict(State.UNKNOWN, f"{node.address} has no preferred_cache_cluster_azs: ElastiCache chose the zones")
    remaining = sum(zone not in outage.loss.zones for zone in zones)
    if zones[0] in outage.loss.zones:
        return _without_primary(node, group, replicas=remaining)
    if remaining < len(zones):
        why = f"{node.address} loses a replica and keeps its primary, which was made in {zones_in_words(zones[:1])}"
        return Verdict(State.DEGRADED, why)
    return Verdict(State.WORKS, f"{node.address} has its nodes in {zones_in_words(set(zones))}")


def _without_primary(node: NetworkNode, group: Resource, *, replicas: int) -> Verdict:
    if replicas and group.get("automatic_failover_enabled") in (True, "true"):
        why = f"{node.address} promotes a replica within {_CACHE_FAILOVER}; the last writes before that may be lost"
        return Verdict(State.DEGRADED, why)
    if replicas:
        why = f"{node.address} keeps {replicas} of its nodes, without automatic_failover_enabled: none accepts writes"
        return Verdict(State.LOST, f"{why} until ElastiCache has replaced the primary, or an operator promotes one")
    days = group.get("snapshot_retention_limit", 0)
    kept = f"snapshots of {days} days are kept" if days else "no snapshot is kept"
    return Verdict(
        State.LOST,
        f"{node.address} has no other node: its data is lost, and it is unavailable until a new node runs; {kept}",
    )
