"""The overview, and the path of a request and of data through what is built.

users ─► record ─┬─► distribution ─► bucket
                 └─► load balancer ─► target group ─► instances ─► database, cache
"""

from collections.abc import Iterable, Iterator
from itertools import product, takewhile
from typing import Final

from wealist.diagram.canvas import Canvas
from wealist.diagram.delivery import delivery_in_short
from wealist.diagram.drawing import Drawing, Fact
from wealist.diagram.network import is_public, place_subnet, subnets_of, zone_of
from wealist.diagram.reading import Reading, at
from wealist.diagram.rules import INTERNET, attached, traffic
from wealist.model.stack import Resource

_FLEETS: Final = "aws_autoscaling_group"
_DATA: Final = ("aws_db_instance", "aws_elasticache_replication_group")
_BY_HAND: Final = "aws_db_subnet_group"
_BALANCER: Final = "aws_lb"
_CDN: Final = "aws_cloudfront_distribution"


def overview(reading: Reading) -> Drawing:
    """All of an environment, from its users to its data."""
    canvas = Canvas("overview", reading, "DOWN")
    users = canvas.add(INTERNET, "users")
    for vpc in canvas.place_all("aws_vpc"):
        public = canvas.add("tier public", "public_tier", parent=vpc)
        private = canvas.add("tier private", "private_tier", parent=vpc)
        for each in reading.all(_BALANCER, _FLEETS, *_DATA, *_by_hand(reading), "aws_nat_gateway"):
            open_ = any(is_public(reading, subnet) for subnet in subnets_of(reading, each.address))
            canvas.place(each.address, public if open_ else private)
    _records(canvas, users)
    _origins(canvas)
    _traffic(canvas)
    delivery_in_short(canvas)
    return canvas.drawing()


def frontend(reading: Reading) -> Drawing:
    """The site: its records, certificate, distribution and bucket."""
    canvas = Canvas("frontend", reading)
    users = canvas.add(INTERNET, "users")
    cdns = canvas.place_all(_CDN)
    _records(canvas, users)
    _origins(canvas, with_access=True)
    for cdn in cdns:
        for certificate in _certificates(reading, cdn):
            canvas.link(canvas.place(certificate), cdn, kind="certifies")
    _without(canvas, _BALANCER)
    return canvas.drawing()


def backend(reading: Reading) -> Drawing:
    """The API: load balancer, paths, target groups, and the instances in their zones."""
    canvas = Canvas("backend", reading, "DOWN")
    users = canvas.add(INTERNET, "users")
    balancers = canvas.place_all(_BALANCER)
    _records(canvas, users)
    for balancer in balancers:
        for listener in reading.referrers(balancer, "aws_lb_listener"):
            for certificate in _certificates(reading, listener):
                canvas.link(canvas.place(certificate), balancer, kind="certifies")
            for target, path, rule in _forwarded(reading, listener):
                canvas.link(
                    balancer, canvas.place(target), path, kind="path", flow=_flow(reading, target), addresses=[rule]
                )
    for fleet in reading.all(_FLEETS):
        box = canvas.place(fleet.address)
        for target in reading.targets(fleet.address, "aws_lb_target_group"):
            port = str(reading.resources[target].get("port", ""))
            canvas.link(canvas.place(target), box, port, kind="forwards", flow=_flow(reading, target))
        for subnet in subnets_of(reading, fleet.address):
            zone = zone_of(reading, reading.resources[subnet])
            instance = canvas.add(f"{fleet.address} {zone}", "possible_instance", zone, addresses=[subnet])
            canvas.link(box, instance, kind="starts")
    _without(canvas, _CDN)
    return canvas.drawing()


def instances(reading: Reading) -> Drawing:
    """What runs inside an instance of each fleet, and on which ports."""
    canvas = Canvas("instances", reading)
    for call in reading.modules.values():
        role = call.get("role")
        if not isinstance(role, str):
            continue
        fleets = [each.address for each in reading.all(_FLEETS) if _is_of(reading, each.address, call.address)]
        box = canvas.add(call.address, "instance", role, addresses=[call.address, *fleets], facts=_system(call))
        containers = canvas.add(f"{call.address} containers", "containers", "Docker", box)
        if role != "monitoring":
            _put_parameters(canvas, f"{call.address} parameters", reading.all("aws_ssm_parameter"), box)
        for id_, kind, label, facts in _running(call, role):
            canvas.add(
                f"{call.address} {id_}",
                kind,
                label,
                containers if kind == "container" else box,
                facts=facts,
                addresses=[call.address],
            )
    return canvas.drawing()


def database(reading: Reading) -> Drawing:
    """PostgreSQL: who connects to it, where it stands, and the parameters that say how."""
    return _store("database", reading, ("aws_db_instance", *_by_hand(reading)), "/db/")


def cache(reading: Reading) -> Drawing:
    """Redis: who connects to it, where it stands, and the parameters that say how."""
    return _store("cache", reading, ("aws_elasticache_replication_group",), "/cache/", "/redis/")


def _records(canvas: Canvas, users: str) -> None:
    """Users, the records that answer for a distribution or load balancer, and what each leads to."""
    reading = canvas.reading
    opened = [each.ports for each in traffic(reading) if each.source == INTERNET and each.is_ingress]
    ports = ", ".join(sorted({each.removeprefix("tcp ") for each in opened}, key=len))
    records = reading.all("aws_route53_record")
    for record in records:
        name = reading.label(record.address)
        alike = [each for each in records if reading.label(each.address) == name]
        types = ", ".join(str(each.get("type", "")) for each in alike)
        for target in reading.targets(record.address, _CDN, _BALANCER, argument="alias"):
            flow, label = ("site", "443") if reading.resources[target].type == _CDN else ("api", ports)
            node = canvas.add(
                f"record {name}", "record", name, addresses=[each.address for each in alike], facts=[("type", types)]
            )
            canvas.link(users, node, kind="resolves", flow=flow)
            canvas.link(node, canvas.place(target), label, kind="leads", flow=flow, addresses=[record.address])


def _origins(canvas: Canvas, *, with_access: bool = False) -> None:
    """The bucket behind each distribution, and on the frontend's drawing the access control between them."""
    reading = canvas.reading
    for cdn in reading.all(_CDN):
        for bucket in _buckets_behind(reading, cdn):
            before = canvas.place(cdn.address)
            for access in reading.targets(cdn.address, "aws_cloudfront_origin_access_control") if with_access else ():
                canvas.link(before, canvas.place(access), kind="signs", flow="site")
                before = access
            canvas.link(before, canvas.place(bucket), kind="fetches", flow="site")


def _buckets_behind(reading: Reading, cdn: Resource) -> Iterator[str]:
    """The buckets that the origins of a distribution name, by reference or by host."""
    named = reading.targets(cdn.address, "aws_s3_bucket", argument="origin")
    hosts = [str(each) for each in at(cdn, "origin.domain_name")]
    for bucket in reading.all("aws_s3_bucket"):
        is_host = any(host.startswith(f"{reading.label(bucket.address)}.s3.") for host in hosts)
        if is_host or bucket.address in named:
            yield bucket.address


def _traffic(canvas: Canvas) -> None:
    """Arrows between what security groups are attached to, of those on the drawing."""
    reading = canvas.reading
    for each in traffic(reading):
        if each.is_ingress and each.source != each.target and each.source in reading.resources:
            for source, target in product(attached(reading, each.source), attached(reading, each.target)):
                if _is_drawn(reading, source, target, each.ports):
                    flow = "api" if reading.resources[target].type == _FLEETS else "data"
                    ports = each.ports.removeprefix("tcp ")
                    canvas.link(source, target, ports, kind="traffic", flow=flow, addresses=[each.rule])


def _is_drawn(reading: Reading, source: str, target: str, ports: str) -> bool:
    """Whether traffic is more than two groups let through: a load balancer only sends it where it forwards to."""
    if reading.resources[source].type != _BALANCER:
        return reading.resources[source].type == _FLEETS
    groups = reading.targets(target, "aws_lb_target_group")
    return any(f"tcp {reading.resources[each].get('port')}" == ports for each in groups)


def _certificates(reading: Reading, address: str) -> Iterator[str]:
    """The certificates of a listener or distribution, by their validations or directly."""
    for validation in reading.targets(address, "aws_acm_certificate_validation"):
        yield from reading.targets(validation, "aws_acm_certificate")
    yield from reading.targets(address, "aws_acm_certificate")


def _forwarded(reading: Reading, listener: str) -> Iterator[tuple[str, str, str]]:
    """Target group, path and rule of everything that a listener forwards."""
    for rule in reading.referrers(listener, "aws_lb_listener_rule"):
        paths = at(reading.resources[rule], "condition.path_pattern.values")
        for target in reading.targets(rule, "aws_lb_target_group"):
            yield target, ", ".join(str(each) for each in paths if each), rule


def _flow(reading: Reading, target: str) -> str:
    return f"service {reading.label(target)}"


def _is_of(reading: Reading, fleet: str, call: str) -> bool:
    return any(call in reading.targets(template) for template in reading.targets(fleet, "aws_launch_template"))


def _system(call: Resource) -> list[Fact]:
    return [("system", str(call.get("operating_system", "")))] if call.get("operating_system") else []


def _running(call: Resource, role: str) -> Iterator[tuple[str, str, str, list[Fact]]]:
    """What runs on an instance by its bootstrap's arguments: id, kind, name, facts."""
    services: Iterable[dict[str, object]] = call.get("services") or []
    grafana = call.block("grafana") if role == "monitoring" else {}
    for each in services if role != "monitoring" else ():
        name = str(each.get("name", ""))
        yield name, "container", name, _facts(each, port="port", health="health_path", metrics="metrics_path")
    if grafana:
        yield "grafana", "container", "Grafana", _facts(grafana, port="port", health="health_path", path="root_path")
        monitoring = call.block("monitoring")
        yield "prometheus", "container", "Prometheus", [("scrapes", str(each.get("name", ""))) for each in services]
        yield "volume", "volume", str(monitoring.get("data_volume", "")), _facts(monitoring, gib="data_volume_gib")
    if port := call.get("node_exporter_port"):
        yield "exporter", "process", "node_exporter", [("port", str(port))]
    if any(each.get("deployment") for each in services):
        yield "agent", "process", "CodeDeploy agent", []


def _facts(values: object, **paths: str) -> list[Fact]:
    held = values if isinstance(values, dict) else {}
    return [(heading, str(held[name])) for heading, name in paths.items() if held.get(name)]


def _store(name: str, reading: Reading, types: tuple[str, ...], *parameters: str) -> Drawing:
    canvas = Canvas(name, reading)
    stores = [each.address for each in reading.all(*types)]
    for store in stores:
        canvas.place(store)
        for subnet in subnets_of(reading, store):
            zone = zone_of(reading, reading.resources[subnet])
            canvas.link(store, place_subnet(canvas, subnet, canvas.add(f"zone {zone}", "zone", zone)), kind="stands")
    for fleet in reading.all(_FLEETS) if stores else ():
        canvas.place(fleet.address)
    _traffic(canvas)
    _read_parameters(canvas, stores, parameters)
    _keys(canvas, stores)
    return canvas.drawing()


def _read_parameters(canvas: Canvas, stores: list[str], parameters: tuple[str, ...]) -> None:
    """The parameters that say how to connect to a store, and the fleets that read them."""
    reading = canvas.reading
    every = reading.all("aws_ssm_parameter") if stores else []
    held = [each for each in every if any(part in reading.label(each.address) for part in parameters)]
    _put_parameters(canvas, "parameters", held)
    for fleet in reading.all(_FLEETS):
        canvas.link(fleet.address, "parameters", kind="reads", flow="parameters")


def _put_parameters(canvas: Canvas, id_: str, held: list[Resource], box: str = "") -> None:
    """Put parameters as one node, by the path that they share; of none, nothing."""
    names = [canvas.reading.label(each.address) for each in held]
    if names:
        levels = takewhile(
            lambda level: len(set(level)) == 1, zip(*(name.split("/")[:-1] for name in names), strict=False)
        )
        shared = "".join(f"{level[0]}/" for level in levels)
        facts = [("parameter", name.removeprefix(shared)) for name in names]
        canvas.add(id_, "parameter", shared, box, addresses=[each.address for each in held], facts=facts)


def _keys(canvas: Canvas, stores: list[str]) -> None:
    for store in stores:
        for key in canvas.reading.targets(store, "aws_kms_key"):
            canvas.link(store, canvas.place(key), kind="encrypted")


def _by_hand(reading: Reading) -> tuple[str, ...]:
    return () if reading.all("aws_db_instance") else (_BY_HAND,)


def _without(canvas: Canvas, kind: str) -> None:
    """Take away what leads to something of another drawing."""
    canvas.remove(each.address for each in canvas.reading.all(kind))
