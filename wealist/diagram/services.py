"""The overview, and the path of a request, of data and of a deployment through what is built.

users ─► record ─┬─► distribution ─► bucket
                 └─► load balancer ─► target group ─► instances ─► database, cache
GitHub ─► role ─► registry, bucket, deployment ─► instances
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from wealist.diagram.canvas import Canvas
from wealist.diagram.drawing import Drawing, Fact
from wealist.diagram.network import is_public, place_subnet, subnets_of, zone_of
from wealist.diagram.reading import Reading, at, kinds
from wealist.diagram.rules import INTERNET, attached, traffic
from wealist.model.iam.references import arn_of
from wealist.model.stack import Resource
from wealist.spec.account import ACCOUNT_ID, OIDC_HOST, REGION

_FLEETS: Final = "aws_autoscaling_group"
_DATA: Final = ("aws_db_instance", "aws_elasticache_replication_group")
_BY_HAND: Final = "aws_db_subnet_group"
_BALANCER: Final = "aws_lb"
_CDN: Final = "aws_cloudfront_distribution"


class Use(NamedTuple):
    """A right that is drawn as an arrow from whoever has it to what it is on."""

    action: str
    type: str
    edge: str


_OF_WORKFLOWS: Final = (
    Use("ecr:PutImage", "aws_ecr_repository", "push"),
    Use("s3:PutObject", "aws_s3_bucket", "upload"),
    Use("cloudfront:CreateInvalidation", _CDN, "invalidate"),
    Use("codedeploy:CreateDeployment", "aws_codedeploy_deployment_group", "deploy"),
)
_OF_INSTANCES: Final = (Use("ecr:BatchGetImage", "aws_ecr_repository", "pull"),)
STEPS: Final = (
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
)
"""What CodeDeploy does on each instance, in its order.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""


def overview(reading: Reading) -> Drawing:
    """All of an environment, from its users to its data."""
    canvas = Canvas("overview", reading, "DOWN")
    users = canvas.add(INTERNET, "users")
    for vpc in canvas.place_all("aws_vpc"):
        public = canvas.add("tier public", "public_tier", parent=vpc)
        private = canvas.add("tier private", "private_tier", parent=vpc)
        for each in reading.all(_BALANCER, _FLEETS, *_DATA, *_by_hand(reading)):
            open_ = any(is_public(reading, subnet) for subnet in subnets_of(reading, each.address))
            canvas.place(each.address, public if open_ else private)
    _records(canvas, users)
    _origins(canvas)
    _traffic(canvas)
    _delivery_in_short(canvas)
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


def delivery(reading: Reading) -> Drawing:
    """From a push to the instances: the workflow's role, what it writes, and where that goes."""
    canvas = Canvas("delivery", reading)
    _delivery(canvas)
    return canvas.drawing()


def deployment(reading: Reading) -> Drawing:
    """What CodeDeploy does on each instance, one after the other."""
    canvas = Canvas("deployment", reading, "DOWN")
    for group in canvas.place_all("aws_codedeploy_deployment_group"):
        style = reading.resources[group].block("deployment_style").get("deployment_option", "")
        box = canvas.add(f"steps {style}", "delivery")
        before = group
        for number, step in enumerate(_steps(reading.resources[group]), start=1):
            after = canvas.add(f"{style} {number}", "step", f"{number}. {step}", box)
            canvas.link(before, after, kind="then", flow="delivery")
            before = after
    return canvas.drawing()


def _records(canvas: Canvas, users: str) -> None:
    """Users, the records that answer for a distribution or load balancer, and what each leads to."""
    reading = canvas.reading
    ports = {
        each.ports.removeprefix("tcp ") for each in traffic(reading) if each.source == INTERNET and each.is_ingress
    }
    for record in reading.all("aws_route53_record"):
        for target in reading.targets(record.address, _CDN, _BALANCER, argument="alias"):
            flow = "site" if reading.resources[target].type == _CDN else "api"
            name = f"record {reading.label(record.address)}"
            others = [
                each.address
                for each in reading.all("aws_route53_record")
                if reading.label(each.address) == reading.label(record.address)
            ]
            types = ", ".join(str(reading.resources[each].get("type", "")) for each in others)
            canvas.add(name, "record", reading.label(record.address), addresses=others, facts=[("type", types)])
            canvas.link(users, name, kind="resolves", flow=flow)
            label = ", ".join(sorted(ports, key=len)) if flow == "api" else "443"
            canvas.link(name, canvas.place(target), label, kind="leads", flow=flow, addresses=[record.address])


def _origins(canvas: Canvas, *, with_access: bool = False) -> None:
    reading = canvas.reading
    for cdn in reading.all(_CDN):
        hosts = [str(each) for each in at(cdn, "origin.domain_name")]
        for bucket in reading.all("aws_s3_bucket"):
            if bucket.address in reading.targets(cdn.address, argument="origin") or any(
                host.startswith(f"{reading.label(bucket.address)}.s3") for host in hosts
            ):
                accesses = reading.targets(cdn.address, "aws_cloudfront_origin_access_control") if with_access else []
                before = cdn.address
                for access in accesses:
                    canvas.link(before, canvas.place(access), kind="signs", flow="site")
                    before = access
                canvas.place(cdn.address)
                canvas.link(before, canvas.place(bucket.address), kind="fetches", flow="site")


def _traffic(canvas: Canvas) -> None:
    """Arrows between what security groups are attached to, of those on the drawing."""
    reading = canvas.reading
    for each in traffic(reading):
        if each.is_ingress and each.source in reading.resources and each.source != each.target:
            for source in attached(reading, each.source):
                for target in attached(reading, each.target):
                    if (
                        reading.resources[source].type in {_BALANCER, _FLEETS}
                        and reading.resources[target].type != "aws_vpc_endpoint"
                    ):
                        if reading.resources[source].type == _BALANCER and not _forwards(reading, target, each.ports):
                            continue
                        flow = "api" if reading.resources[target].type == _FLEETS else "data"
                        canvas.link(
                            source,
                            target,
                            each.ports.removeprefix("tcp "),
                            kind="traffic",
                            flow=flow,
                            addresses=[each.rule],
                        )


def _forwards(reading: Reading, fleet: str, ports: str) -> bool:
    """Whether a fleet is behind a target group on a port: a group that several fleets wear lets in more."""
    groups = reading.targets(fleet, "aws_lb_target_group")
    return any(f"tcp {reading.resources[each].get('port')}" == ports for each in groups)


def _delivery(canvas: Canvas) -> None:
    """GitHub's workflows and what they may write; CodeDeploy and the instances that it deploys to."""
    for role, use, resource in _workflow_rights(canvas.reading):
        canvas.link(canvas.add("github", "github"), canvas.place(role), kind="becomes", flow="delivery")
        canvas.link(role, canvas.place(resource), kind=use.edge, flow="delivery")
    for group, fleet in _deployed(canvas.reading):
        canvas.link(canvas.place(group), canvas.place(fleet), kind="installs", flow="delivery")
        for repository in _pulled(canvas.reading, fleet):
            canvas.link(canvas.place(repository), fleet, kind="pull", flow="delivery")


def _delivery_in_short(canvas: Canvas) -> None:
    """The same for the overview: what is of one type is one node, and buckets are left out."""
    reading = canvas.reading
    registry, groups = (_together(canvas, kind) for kind in ("aws_ecr_repository", "aws_codedeploy_deployment_group"))
    for _, use, resource in _workflow_rights(reading):
        target = {"push": registry, "deploy": groups}.get(use.edge, resource)
        if target != resource or resource in canvas:
            canvas.link(canvas.add("github", "github"), target, kind=use.edge, flow="delivery")
    for _, fleet in _deployed(reading):
        canvas.link(groups, fleet, kind="installs", flow="delivery")
        if _pulled(reading, fleet):
            canvas.link(registry, fleet, kind="pull", flow="delivery")


def _together(canvas: Canvas, kind: str) -> str:
    """Put all resources of a type as one node; returns its id, of none a node that is not there."""
    reading = canvas.reading
    held = [each.address for each in reading.all(kind)]
    owned = [each for address in held for each in reading.owned.get(address, ())]
    label = ", ".join(reading.label(address) for address in held)
    return canvas.add(kind, str(kinds()[kind]["kind"]), label, addresses=[*held, *owned]) if held else ""


def _workflow_rights(reading: Reading) -> Iterator[tuple[str, Use, str]]:
    """The roles of GitHub's workflows, and what each may do to what."""
    for role in reading.documents.roles if reading.documents else ():
        if any(OIDC_HOST in who for each in role.trust for _, who in each.principals):
            for use in _OF_WORKFLOWS:
                for resource in reading.all(use.type):
                    if any(role.rights.may(use.action, arn) for arn in _arns(reading, resource)):
                        yield role.address, use, resource.address


def _arns(reading: Reading, resource: Resource) -> Iterator[str]:
    """The ARN of a resource, and of what lies in it."""
    if arn := arn_of(resource):
        yield from (arn, f"{arn}/x")
    for application in reading.targets(resource.address, "aws_codedeploy_app"):
        name = f"{reading.label(application)}/{reading.label(resource.address)}"
        yield f"arn:aws:codedeploy:{REGION}:{ACCOUNT_ID}:deploymentgroup:{name}"


def _deployed(reading: Reading) -> Iterator[tuple[str, str]]:
    """Deployment group and fleet that have a target group in common."""
    for group in reading.all("aws_codedeploy_deployment_group"):
        groups = set(reading.targets(group.address, "aws_lb_target_group"))
        for fleet in reading.all(_FLEETS):
            if groups & set(reading.targets(fleet.address, "aws_lb_target_group")):
                yield group.address, fleet.address


def _pulled(reading: Reading, fleet: str) -> list[str]:
    roles = set(reading.roles_of(fleet))
    held = [each.rights for each in reading.documents.roles if each.address in roles] if reading.documents else []
    return [
        each.address
        for use in _OF_INSTANCES
        for each in reading.all(use.type)
        if any(rights.may(use.action, arn_of(each) or "") for rights in held)
    ]


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
    reading = canvas.reading
    held = [
        each
        for each in reading.all("aws_ssm_parameter")
        if any(part in reading.label(each.address) for part in parameters)
    ]
    if held and stores:
        label = reading.label(held[0].address).rpartition("/")[0] + "/"
        names = [("parameter", reading.label(each.address).rpartition("/")[2]) for each in held]
        node = canvas.add("parameters", "parameter", label, addresses=[each.address for each in held], facts=names)
        for fleet in reading.all(_FLEETS):
            canvas.link(fleet.address, node, kind="reads", flow="parameters")


def _keys(canvas: Canvas, stores: list[str]) -> None:
    for store in stores:
        for key in canvas.reading.targets(store, "aws_kms_key"):
            canvas.link(store, canvas.place(key), kind="encrypted")


def _by_hand(reading: Reading) -> tuple[str, ...]:
    return () if reading.all("aws_db_instance") else (_BY_HAND,)


def _without(canvas: Canvas, kind: str) -> None:
    """Take away what leads to something of another drawing."""
    canvas.remove(each.address for each in canvas.reading.all(kind))


def _steps(group: Resource) -> Iterator[str]:
    traffic_is_held = group.block("deployment_style").get("deployment_option") == "WITH_TRAFFIC_CONTROL"
    if traffic_is_held:
        yield "BlockTraffic"
    yield from STEPS
    if traffic_is_held:
        yield "AllowTraffic"
