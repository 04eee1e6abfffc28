"""Section 1, the components and their connections, and section 2, the VPC."""

from collections.abc import Iterator

from wealist.checks.reachability.nodes import service_name
from wealist.docs.markdown import NONE, bullets, cells, code, codes, table, text
from wealist.docs.view import View, each_of, name_of
from wealist.model.stack import Resource
from wealist.spec.account import ACCOUNT_ID, DOMAIN, REGION


def overview(view: View) -> Iterator[str]:
    """Yield section 1: the overview."""
    environment = view.environment
    yield view.say("overview.intro", name=code(environment.name), site=code(environment.site.domain))
    yield view.picture("overview")
    yield view.facts(
        [
            ("account", code(ACCOUNT_ID)),
            ("region", code(REGION)),
            ("hosted_zone", code(DOMAIN)),
            ("site", code(environment.site.domain)),
            ("api", code(environment.api.domain)),
            ("vpc", f"{code(view.environment.names('vpc'))} {code(view.topology.block)}"),
            ("multi_az", code(str(environment.enable_multi_az).lower())),
            ("protected", view.yes(not environment.may_be_destroyed)),
            ("resources", text(len(view.stack.resources))),
        ]
    )
    yield view.say("overview.ways")
    yield table(view.say.columns("from", "to", "how"), _connections(view))


def _connections(view: View) -> Iterator[tuple[str, str, str]]:
    say, environment = view.say, view.environment
    site, api = code(environment.site.domain), code(environment.api.domain)
    yield say("word.users"), "Route 53", say("way.dns", site=site, api=api)
    for bucket in _site_buckets(view):
        yield "CloudFront", f"S3 {code(name_of(bucket))}", say("way.oac")
    for rule, target in forwarded(view):
        yield "ALB", code(name_of(target)), f"{code(', '.join(path_patterns(rule)))} → {code(target.get('port'))}"
    database = say("word.database_external" if environment.database.mode == "external" else "word.database_managed")
    yield say("word.instances"), f"RDS PostgreSQL ({database})", say("way.read_write")
    yield say("word.instances"), "ElastiCache Redis", say("way.cache")
    repositories = cells(name_of(each) for each in view.all("aws_ecr_repository"))
    yield say("word.instances"), f"ECR {repositories}", say("way.pull")
    yield "GitHub Actions (OIDC)", "ECR", say("way.push")
    yield "GitHub Actions (OIDC)", "CodeDeploy", say("way.trigger")
    yield "CodeDeploy", say("word.instances"), say("way.deploy")


def _site_buckets(view: View) -> list[Resource]:
    names = [
        origin.get("domain_name", "")
        for each in view.all("aws_cloudfront_distribution")
        for origin in each.blocks("origin")
    ]
    return [each for each in view.all("aws_s3_bucket") if any(n.startswith(f"{each.get('bucket')}.s3") for n in names)]


def forwarded(view: View) -> Iterator[tuple[Resource, Resource]]:
    """Yield each listener rule that forwards, sorted by priority, with its target group."""
    for rule in sorted(view.all("aws_lb_listener_rule"), key=lambda each: int(each.get("priority") or 0)):
        for action in rule.blocks("action"):
            target = view.target(action.get("target_group_arn"))
            if target:
                yield rule, target


def path_patterns(rule: Resource) -> list[str]:
    """Return the path patterns of a listener rule."""
    return [str(each) for each in each_of(rule, "condition.path_pattern.values")]


def network(view: View) -> Iterator[str]:
    """Yield section 2: subnets, route tables, endpoints and network flow."""
    topology = view.topology
    yield view.picture("network")
    gateways = [code(name_of(view.stack.resources[each])) for each in topology.internet_gateways]
    yield view.facts(
        [
            ("vpc", f"{code(view.environment.names('vpc'))} {code(topology.block)}"),
            ("igw", ", ".join(gateways)),
            ("nat", "<br>".join(_nat_gateways(view))),
        ]
    )
    yield f"### {view.say('network.subnets')}"
    yield table(view.say.columns("zone", "subnet", "block", "kind", "holds"), _subnets(view))
    yield f"### {view.say('network.tables')}"
    yield view.picture("routes")
    yield table(view.say.columns("table", "subnets", "to", "by"), _tables(view))
    yield f"### {view.say('network.endpoints')}"
    yield table(view.say.columns("service", "kind", "where"), _endpoints(view))
    yield f"### {view.say('network.flow')}"
    yield bullets(_flows(view))


def _nat_gateways(view: View) -> Iterator[str]:
    for address, subnet in view.topology.nat_gateways.items():
        gateway, place = view.stack.resources[address], view.stack.resources[subnet]
        yield view.say(
            "network.nat",
            name=code(name_of(gateway)),
            subnet=code(name_of(place)),
            zone=code(place.get("availability_zone")),
            ip=view.named(gateway.get("allocation_id")),
        )


def _subnets(view: View) -> Iterator[tuple[str, ...]]:
    topology = view.topology
    for subnet in sorted(topology.subnets.values(), key=lambda each: (not topology.is_public(each), each.zone)):
        kind = view.say("word.public" if topology.is_public(subnet) else "word.private")
        contents = [text(node.label) for node in topology.nodes if subnet in node.subnets]
        contents += ["NAT gateway" for place in topology.nat_gateways.values() if place == subnet.address]
        name = code(name_of(view.stack.resources[subnet.address]))
        yield code(subnet.zone), name, code(subnet.block), kind, ", ".join(contents) or NONE


def _tables(view: View) -> Iterator[tuple[str, ...]]:
    associations = view.all("aws_route_table_association")
    for each in view.all("aws_route_table"):
        of_table = [one for one in associations if view.target(one.get("route_table_id")) == each]
        subnets = "<br>".join(view.named(one.get("subnet_id")) for one in of_table)
        name = code(name_of(each))
        yield name, subnets, code(view.topology.block), view.say("word.local")
        for route in view.all("aws_route"):
            if view.target(route.get("route_table_id")) == each:
                to = view.named(route.get("nat_gateway_id") or route.get("gateway_id"))
                yield name, subnets, code(route.get("destination_cidr_block")), to


def _endpoints(view: View) -> Iterator[tuple[str, ...]]:
    for each in view.all("aws_vpc_endpoint"):
        places = each.get("subnet_ids") or each.get("route_table_ids") or []
        kind = each.get("vpc_endpoint_type", "Gateway")
        yield code(each.get("service_name")), f"{text(kind)} endpoint", "<br>".join(map(view.named, places))


def _flows(view: View) -> Iterator[str]:
    services = codes(service_name(each) for each in view.all("aws_vpc_endpoint"))
    yield view.say("network.by_endpoint", services=services)
    yield view.say("network.by_nat")
    yield view.say("network.inward")
