"""How the database and the cache fare (architecture, sections 5 and 6)."""

from typing import Final

from wealist.checks.drill.events import database_zone, said, zones_of
from wealist.checks.drill.world import State, Verdict, World, worst
from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.parts import Part
from wealist.model.stack import Resource

UNTOUCHED: Final = "nothing that it stands on is lost"
_DATABASE_FAILOVER: Final = "60 to 120 seconds"
_CACHE_FAILOVER: Final = "some 30 seconds"
"""Sections 5 and 6."""


def database(world: World) -> Verdict:
    """PostgreSQL."""
    parts = world.topology.playing(Party.RDS)
    if not parts:
        return Verdict(State.LOST, "the stack has none")
    return worst((_database(world, part) for part in parts), UNTOUCHED)


def cache(world: World) -> Verdict:
    """Redis."""
    parts = world.topology.playing(Party.REDIS)
    if not parts:
        return Verdict(State.LOST, "the stack has none")
    return worst((_cache(world, part) for part in parts), UNTOUCHED)


def _database(world: World, part: Part) -> Verdict:
    if not world.loss.zones:
        return Verdict(State.WORKS, UNTOUCHED)
    instance = world.topology.stack.resources[part.address]
    if instance.type != "aws_db_instance":
        why = f"made by hand in {part.address}: the JSON says neither its zone nor whether it has a standby"
        return Verdict(State.UNKNOWN, why)
    if instance.get("multi_az"):
        why = f"{part.address} (multi_az) fails over within {_DATABASE_FAILOVER} if its primary was there"
        return Verdict(State.DEGRADED, f"{why}, else it runs without its standby")
    zone = database_zone(world.topology, part)
    if zone is None:
        return Verdict(State.UNKNOWN, f"{part.address} has no standby, and no availability_zone: RDS chose its zone")
    if zone in world.loss.zones:
        why = f"{part.address} is in {said([zone])}, without a standby (multi_az = False)"
        return Verdict(State.LOST, f"{why}: an operator restores a backup in another zone")
    return Verdict(State.WORKS, f"{part.address} is in {said([zone])}")


def _cache(world: World, part: Part) -> Verdict:
    group = world.topology.stack.resources[part.address]
    preferred = group.get("preferred_cache_cluster_azs") or []
    nodes, zones = group.get("num_cache_clusters", 1), tuple(map(str, preferred))
    fails_over = group.get("automatic_failover_enabled") in (True, "true")
    if part.address in world.loss.nodes:
        return _primary(part, group, others=nodes - 1, fails_over=fails_over)
    if not world.loss.zones.intersection(zones_of(part)):
        return Verdict(State.WORKS, UNTOUCHED)
    if not zones:
        return Verdict(State.UNKNOWN, f"{part.address} has no preferred_cache_cluster_azs: ElastiCache chose the zones")
    others = sum(zone not in world.loss.zones for zone in zones)
    if zones[0] in world.loss.zones:
        return _primary(part, group, others=others, fails_over=fails_over)
    if others < len(zones):
        why = f"{part.address} loses a replica and keeps its primary, which was made in {said(zones[:1])}"
        return Verdict(State.DEGRADED, why)
    return Verdict(State.WORKS, f"{part.address} has its nodes in {said(set(zones))}")


def _primary(part: Part, group: Resource, *, others: int, fails_over: bool) -> Verdict:
    """What becomes of Redis without its primary."""
    if fails_over and others:
        why = f"{part.address} promotes a replica within {_CACHE_FAILOVER}; the last writes before that may be lost"
        return Verdict(State.DEGRADED, why)
    if others:
        why = f"{part.address} keeps {others} of its nodes, without automatic_failover_enabled: none takes writes"
        return Verdict(State.LOST, f"{why} until ElastiCache has replaced the primary, or an operator promotes one")
    days = group.get("snapshot_retention_limit", 0)
    kept = f"snapshots of {days} days are kept" if days else "no snapshot is kept"
    return Verdict(State.LOST, f"{part.address} has no other node: what it held is gone until one is made; {kept}")
