"""Section 5, PostgreSQL, and section 6, Redis, with the effect of `enable_multi_az` on each."""

from collections.abc import Iterator

from wealist.docs.markdown import code, codes, numbered, table, text
from wealist.docs.view import View, name_of
from wealist.model.stack import Resource
from wealist.spec import redis
from wealist.spec.environment import ManagedDatabase
from wealist.spec.services import DATABASE_FAILOVER_SECONDS, POSTGRESQL_PORT, REDIS_PORT


def database(view: View) -> Iterator[str]:
    """Yield section 5: the database, its connections and Multi-AZ."""
    yield view.picture("database")
    instances = view.all("aws_db_instance")
    yield view.say("database.managed" if instances else "database.external", name=code(view.environment.names("rds")))
    for instance in instances:
        yield view.facts(_instance(view, instance))
    if not instances:
        yield view.facts(_external(view))
    yield f"### {view.say('database.connection')}"
    names = view.environment.names
    yield numbered(
        view.say(f"database.step{number}", path=code(names.parameter("db/")), port=code(POSTGRESQL_PORT))
        for number in range(1, 4)
    )
    yield table(view.say.columns("service", "database", "user", "password"), _databases(view))
    yield f"### {view.say('database.multi_az')}"
    yield _multi_az(view, "database", seconds=text(DATABASE_FAILOVER_SECONDS))


def _databases(view: View) -> Iterator[tuple[str, ...]]:
    for each in view.environment.services:
        password = view.environment.names.parameter(f"db/{each.name}_db_password")
        yield text(each.full_name), code(each.database_name), code(each.database_user), code(password)


def _instance(view: View, instance: Resource) -> Iterator[tuple[str, str]]:
    yield "database", code(name_of(instance))
    yield "engine", f"PostgreSQL {code(instance.get('engine_version'))}"
    yield "class", code(instance.get("instance_class"))
    yield "port", code(instance.get("port"))
    yield "zone", code(instance.get("availability_zone") or view.say("word.chosen_by_aws"))
    yield "multi_az", view.yes(instance.get("multi_az"))
    yield "storage", f"{text(instance.get('allocated_storage'))}-{text(instance.get('max_allocated_storage'))} GiB"
    yield "encrypted", view.yes(instance.get("storage_encrypted"))
    yield "backups", f"{text(instance.get('backup_retention_period'))} {view.say('word.days')}"
    yield from _network(view)


def _external(view: View) -> Iterator[tuple[str, str]]:
    recommended = ManagedDatabase()
    yield "database", code(view.environment.names("rds"))
    yield "engine", f"PostgreSQL {code(f'{recommended.engine_version}.x')}"
    yield "class", code(recommended.instance_class)
    yield "port", code(POSTGRESQL_PORT)
    yield from _network(view)


def _network(view: View) -> Iterator[tuple[str, str]]:
    for group in view.all("aws_db_subnet_group"):
        yield "subnet_group", f"{code(name_of(group))}: {', '.join(map(view.named, group.get('subnet_ids') or []))}"
    yield "security_group", code(view.environment.names("rds-sg"))


def _multi_az(view: View, section: str, **values: str) -> str:
    """Return a table of both values of `enable_multi_az` and their effect. The current value is marked."""
    now = str(view.environment.enable_multi_az).lower()
    rows = []
    for value in ("false", "true"):
        mark = f" ← {view.say('word.now')}" if value == now else ""
        rows.append((code(f"enable_multi_az = {value}") + mark, view.say(f"{section}.multi_az_{value}", **values)))
    return table(view.say.columns("setting", "means"), rows)


def cache(view: View) -> Iterator[str]:
    """Yield section 6: the cache, its failover, use and parameters."""
    yield view.picture("cache")
    for group in view.all("aws_elasticache_replication_group"):
        yield view.facts(_redis(view, group))
    yield f"### {view.say('cache.failover')}"
    yield _multi_az(view, "cache")
    yield f"### {view.say('cache.usage')}"
    headings = view.say.columns("purpose", "key", "ttl", "value", "writes", "loss")
    yield table(headings, [_family(view, each) for each in redis.KEY_FAMILIES])
    yield f"### {view.say('cache.parameters')}"
    rows = [(code(name), code(value)) for name, value in redis.PARAMETERS.items()]
    yield table(view.say.columns("parameter", "value"), rows)


def _redis(view: View, group: Resource) -> Iterator[tuple[str, str]]:
    yield "cache", code(name_of(group))
    yield "engine", f"Redis {code(group.get('engine_version'))}"
    yield "class", code(group.get("node_type"))
    yield "nodes", text(group.get("num_cache_clusters"))
    yield "zone", codes(group.get("preferred_cache_cluster_azs") or [])
    yield "port", code(group.get("port") or REDIS_PORT)
    yield "failover", view.yes(group.get("automatic_failover_enabled"))
    yield "encrypted", view.yes(group.get("at_rest_encryption_enabled"))
    yield "tls", view.yes(group.get("transit_encryption_enabled"))
    yield "backups", f"{text(group.get('snapshot_retention_limit'))} {view.say('word.days')}"
    subnets = view.target(group.get("subnet_group_name"))
    if subnets:
        yield "subnet_group", f"{code(name_of(subnets))}: {', '.join(map(view.named, subnets.get('subnet_ids') or []))}"
    yield "security_group", ", ".join(map(view.named, group.get("security_group_ids") or []))


def _family(view: View, family: redis.KeyFamily) -> tuple[str, ...]:
    purpose = view.say.translate("purpose", family.purpose)
    ttl = view.say("cache.no_ttl")
    if family.ttl is not None:
        days, minutes = family.ttl.days, int(family.ttl.total_seconds() // 60)
        ttl = view.say("cache.days", number=days) if days else view.say("cache.minutes", number=minutes)
    loss = view.say.translate("loss", family.loss)
    return purpose, code(family.pattern), ttl, code(family.value), code(family.writes), loss
