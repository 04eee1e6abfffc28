"""The drawings of the overview, the site, the API, the instances, the database and the cache.

users ─► record ─┬─► distribution ─► bucket
                 └─► load balancer ─► target group ─► instances ─► database, cache
"""

from collections.abc import Iterable, Iterator
from itertools import product
from os.path import commonprefix
from typing import Final

from wealist.diagram.access import INTERNET, members, traffic
from wealist.diagram.canvas import Canvas
from wealist.diagram.delivery import delivery_summary
from wealist.diagram.drawing import Drawing, Fact
from wealist.diagram.network import external_database, is_public, place_subnet, subnets_of, zone_of
from wealist.diagram.resource_graph import ResourceGraph, at
from wealist.model.stack import Resource

_FLEETS: Final = "aws_autoscaling_group"
_DATA: Final = ("aws_db_instance", "aws_elasticache_replication_group")
_BALANCER: Final = "aws_lb"
_CDN: Final = "aws_cloudfront_distribution"


def overview(graph: ResourceGraph) -> Drawing:
    """Draw the whole environment, from its users to its data."""
    canvas = Canvas("overview", graph, "DOWN")
    users = canvas.add(INTERNET, "users")
    for vpc in canvas.place_all("aws_vpc"):
        public = canvas.add("tier public", "public_tier", parent=vpc)
        private = canvas.add("tier private", "private_tier", parent=vpc)
        for each in graph.all(_BALANCER, _FLEETS, *_DATA, *external_database(graph), "aws_nat_gateway"):
            open_ = any(is_public(graph, subnet) for subnet in subnets_of(graph, each.address))
            canvas.place(each.address, public if open_ else private)
    _records(canvas, users)
    _origins(canvas)
    _traffic(canvas)
    delivery_summary(canvas)
    return canvas.drawing()


def frontend(graph: ResourceGraph) -> Drawing:
    """Draw the site: its records, certificate, distribution and bucket."""
    canvas = Canvas("frontend", graph)
    users = canvas.add(INTERNET, "users")
    cdns = canvas.place_all(_CDN)
    _records(canvas, users)
    _origins(canvas, with_access=True)
    for cdn in cdns:
        for certificate in _certificates(graph, cdn):
            canvas.link(canvas.place(certificate), cdn, kind="certifies")
    _remove(canvas, _BALANCER)
    return canvas.drawing()


def backend(graph: ResourceGraph) -> Drawing:
    """Draw the API: load balancer, paths, target groups, and the instances in their zones."""
    canvas = Canvas("backend", graph, "DOWN")
    users = canvas.add(INTERNET, "users")
    balancers = canvas.place_all(_BALANCER)
    _records(canvas, users)
    for balancer, listener in _listeners(graph, balancers):
        for certificate in _certificates(graph, listener):
            canvas.link(canvas.place(certificate), balancer, kind="certifies")
        for target, path, rule in _forwarded(graph, listener):
            node, flow = canvas.place(target), _flow(graph, target)
            canvas.link(balancer, node, path, kind="path", flow=flow, addresses=[rule])
    for fleet in graph.all(_FLEETS):
        _add_fleet(canvas, fleet.address)
    _remove(canvas, _CDN)
    return canvas.drawing()


def _listeners(graph: ResourceGraph, balancers: Iterable[str]) -> Iterator[tuple[str, str]]:
    for balancer in balancers:
        yield from ((balancer, listener) for listener in graph.referrers(balancer, "aws_lb_listener"))


def _add_fleet(canvas: Canvas, fleet: str) -> None:
    """Add an Auto Scaling group, its target groups, and one possible instance for each zone."""
    graph, box = canvas.graph, canvas.place(fleet)
    for target in graph.targets(fleet, "aws_lb_target_group"):
        port = str(graph.resources[target].get("port", ""))
        canvas.link(canvas.place(target), box, port, kind="forwards", flow=_flow(graph, target))
    for subnet in subnets_of(graph, fleet):
        zone = zone_of(graph, graph.resources[subnet])
        instance = canvas.add(f"{fleet} {zone}", "possible_instance", zone, addresses=[subnet])
        canvas.link(box, instance, kind="starts")


def instances(graph: ResourceGraph) -> Drawing:
    """Draw the processes on an instance of each fleet, with their ports."""
    canvas = Canvas("instances", graph)
    for call in graph.modules.values():
        role = call.get("role")
        if not isinstance(role, str):
            continue
        fleets = [each.address for each in graph.all(_FLEETS) if _is_started_by(graph, each.address, call.address)]
        box = canvas.add(call.address, "instance", role, addresses=[call.address, *fleets], facts=_system(call))
        containers = canvas.add(f"{call.address} containers", "containers", "Docker", box)
        if role != "monitoring":
            _add_parameters(canvas, f"{call.address} parameters", graph.all("aws_ssm_parameter"), box)
        for id_, kind, label, facts in _processes(call, role):
            canvas.add(
                f"{call.address} {id_}",
                kind,
                label,
                containers if kind == "container" else box,
                facts=facts,
                addresses=[call.address],
            )
    return canvas.drawing()


def database(graph: ResourceGraph) -> Drawing:
    """Draw PostgreSQL: its clients, its subnets, and the parameters with its connection settings."""
    return _store("database", graph, ("aws_db_instance", *external_database(graph)), "/db/")


def cache(graph: ResourceGraph) -> Drawing:
    """Draw Redis: its clients, its subnets, and the parameters with its connection settings."""
    return _store("cache", graph, ("aws_elasticache_replication_group",), "/cache/", "/redis/")


def _records(canvas: Canvas, users: str) -> None:
    """Link users to the DNS records, and each record to its distribution or load balancer."""
    graph = canvas.graph
    opened = [each.ports for each in traffic(graph) if each.source == INTERNET and each.is_ingress]
    ports = ", ".join(sorted({each.removeprefix("tcp ") for each in opened}, key=len))
    records = graph.all("aws_route53_record")
    for record in records:
        name = graph.label(record.address)
        alike = [each for each in records if graph.label(each.address) == name]
        types = ", ".join(str(each.get("type", "")) for each in alike)
        for target in graph.targets(record.address, _CDN, _BALANCER, argument="alias"):
            flow, label = ("site", "443") if graph.resources[target].type == _CDN else ("api", ports)
            node = canvas.add(
                f"record {name}", "record", name, addresses=[each.address for each in alike], facts=[("type", types)]
            )
            canvas.link(users, node, kind="resolves", flow=flow)
            canvas.link(node, canvas.place(target), label, kind="leads", flow=flow, addresses=[record.address])


def _origins(canvas: Canvas, *, with_access: bool = False) -> None:
    """Link each distribution to the buckets of its origins, optionally through their origin access control."""
    graph = canvas.graph
    for cdn in graph.all(_CDN):
        for bucket in _origin_buckets(graph, cdn):
            before = canvas.place(cdn.address)
            for access in graph.targets(cdn.address, "aws_cloudfront_origin_access_control") if with_access else ():
                canvas.link(before, canvas.place(access), kind="signs", flow="site")
                before = access
            canvas.link(before, canvas.place(bucket), kind="fetches", flow="site")


def _origin_buckets(graph: ResourceGraph, cdn: Resource) -> Iterator[str]:
    """Yield the buckets that a distribution's origins name, by reference or by host name."""
    named = graph.targets(cdn.address, "aws_s3_bucket", argument="origin")
    hosts = [str(each) for each in at(cdn, "origin.domain_name")]
    for bucket in graph.all("aws_s3_bucket"):
        is_host = any(host.startswith(f"{graph.label(bucket.address)}.s3.") for host in hosts)
        if is_host or bucket.address in named:
            yield bucket.address


def _traffic(canvas: Canvas) -> None:
    """Link the drawn resources whose security groups allow traffic between them."""
    graph = canvas.graph
    for each in traffic(graph):
        if each.is_ingress and each.source != each.target and each.source in graph.resources:
            for source, target in product(members(graph, each.source), members(graph, each.target)):
                if _sends(graph, source, target, each.ports):
                    flow = "api" if graph.resources[target].type == _FLEETS else "data"
                    ports = each.ports.removeprefix("tcp ")
                    canvas.link(source, target, ports, kind="traffic", flow=flow, addresses=[each.rule])


def _sends(graph: ResourceGraph, source: str, target: str, ports: str) -> bool:
    """Whether a resource sends the traffic that its rules allow: a load balancer only to the ports it forwards to."""
    if graph.resources[source].type != _BALANCER:
        return graph.resources[source].type == _FLEETS
    groups = graph.targets(target, "aws_lb_target_group")
    return any(f"tcp {graph.resources[each].get('port')}" == ports for each in groups)


def _certificates(graph: ResourceGraph, address: str) -> Iterator[str]:
    """Yield the certificates of a listener or distribution, by their validations or directly."""
    for validation in graph.targets(address, "aws_acm_certificate_validation"):
        yield from graph.targets(validation, "aws_acm_certificate")
    yield from graph.targets(address, "aws_acm_certificate")


def _forwarded(graph: ResourceGraph, listener: str) -> Iterator[tuple[str, str, str]]:
    """Yield the target group, paths and rule of each forwarding rule of a listener."""
    for rule in graph.referrers(listener, "aws_lb_listener_rule"):
        paths = at(graph.resources[rule], "condition.path_pattern.values")
        for target in graph.targets(rule, "aws_lb_target_group"):
            yield target, ", ".join(str(each) for each in paths if each), rule


def _flow(graph: ResourceGraph, target: str) -> str:
    return f"service {graph.label(target)}"


def _is_started_by(graph: ResourceGraph, fleet: str, call: str) -> bool:
    return any(call in graph.targets(template) for template in graph.targets(fleet, "aws_launch_template"))


def _system(call: Resource) -> list[Fact]:
    return [("system", str(call.get("operating_system", "")))] if call.get("operating_system") else []


def _processes(call: Resource, role: str) -> Iterator[tuple[str, str, str, list[Fact]]]:
    """Yield the processes that the bootstrap module starts on an instance: id, kind, name, facts."""
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
    arguments = values if isinstance(values, dict) else {}
    return [(heading, str(arguments[name])) for heading, name in paths.items() if arguments.get(name)]


def _store(name: str, graph: ResourceGraph, types: tuple[str, ...], *parameters: str) -> Drawing:
    canvas = Canvas(name, graph)
    stores = [each.address for each in graph.all(*types)]
    for store in stores:
        canvas.place(store)
        for subnet in subnets_of(graph, store):
            canvas.link(store, place_subnet(canvas, subnet), kind="located")
    for fleet in graph.all(_FLEETS) if stores else ():
        canvas.place(fleet.address)
    _traffic(canvas)
    _read_parameters(canvas, stores, parameters)
    for store in stores:
        for key in graph.targets(store, "aws_kms_key"):
            canvas.link(store, canvas.place(key), kind="encrypted")
    return canvas.drawing()


def _read_parameters(canvas: Canvas, stores: list[str], parameters: tuple[str, ...]) -> None:
    """Link the fleets to the parameters with the connection settings of a store."""
    graph = canvas.graph
    found = graph.all("aws_ssm_parameter") if stores else []
    _add_parameters(
        canvas, "parameters", [each for each in found if any(part in graph.label(each.address) for part in parameters)]
    )
    for fleet in graph.all(_FLEETS):
        canvas.link(fleet.address, "parameters", kind="reads", flow="parameters")


def _add_parameters(canvas: Canvas, id_: str, parameters: list[Resource], box: str = "") -> None:
    """Add parameters as one node, labelled with their common path."""
    names = [canvas.graph.label(each.address) for each in parameters]
    if names:
        shared = commonprefix([name.split("/")[:-1] for name in names])  # noqa: RUF071 -- of lists, not of strings
        path = "".join(f"{level}/" for level in shared)
        facts = [("parameter", name.removeprefix(path)) for name in names]
        canvas.add(id_, "parameter", path, box, addresses=[each.address for each in parameters], facts=facts)


def _remove(canvas: Canvas, type_: str) -> None:
    """Remove the resources of a type, which another drawing shows, and the nodes that lead only to them."""
    canvas.remove(each.address for each in canvas.graph.all(type_))
