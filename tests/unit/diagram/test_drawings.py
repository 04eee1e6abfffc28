"""Drawings show the synthesized names, numbers, locations and connections of any environment."""

from collections import Counter

import pytest

from tests.synthesized import all_changed, environment
from tests.unit.diagram.builders import drawn, drawn_otherwise, nodes, stack_of
from wealist.checks.iam.tables import rights_rows
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.topology import Topology, read_topology
from wealist.diagram import DRAWINGS, drawings
from wealist.diagram.resource_graph import kinds
from wealist.diagram.svg import _looks
from wealist.diagram.words import LANGUAGES, Words
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment


def topology(stack: StackJson, config: Environment) -> Topology:
    found = read_topology(stack, config)
    assert isinstance(found, Topology)
    return found


def test_an_environment_has_every_drawing(name: str) -> None:
    assert list(drawn(name)) == list(DRAWINGS)


def test_every_subnet_is_drawn_once_in_its_zone_with_its_block(name: str) -> None:
    network = drawn(name)["network"]
    placed = {
        (each.addresses[0], each.parent, dict(each.facts)["cidr"])
        for each in nodes(network, "public_subnet", "private_subnet")
    }
    read = topology(stack_of(name), environment(name)).subnets.values()
    assert placed == {(each.address, f"zone {each.zone}", str(each.block)) for each in read}


def test_network_nodes_are_drawn_in_their_subnets_or_in_the_vpc(name: str) -> None:
    """A database or cache in one zone is drawn only in the subnet of that zone."""
    network = drawn(name)["network"]
    subnets = {each.id: each.addresses[0] for each in nodes(network, "public_subnet", "private_subnet")}
    for node in topology(stack_of(name), environment(name)).nodes:
        drawn_in = {
            subnets[each.parent]
            for each in network.nodes
            if each.parent in subnets and each.addresses[0] == node.address
        }
        described = {each.address for each in node.subnets}
        assert drawn_in <= described
        assert drawn_in or node.address in network.addresses


def test_subnets_are_linked_to_the_gateways_of_their_route_table(name: str) -> None:
    drawing = drawn(name)["network"]
    addresses = {each.id: each.addresses[0] for each in drawing.nodes if each.addresses}
    led = Counter((addresses[each.source], addresses[each.target]) for each in drawing.edges if each.kind == "route")
    read = topology(stack_of(name), environment(name))
    assert led == Counter((subnet, route.to) for subnet, several in read.routes.items() for route in several)


def test_each_rule_between_security_groups_is_an_arrow_with_its_ports(name: str) -> None:
    drawing = drawn(name)["security_groups"]
    opened = {(edge.source, edge.target, ports) for edge in drawing.edges for ports in edge.label.split(", ")}
    rules = Connections(topology(stack_of(name), environment(name))).rules
    between = [rule for rule in rules if isinstance(rule.peer, str)]
    assert between
    for rule in between:
        ends = (rule.peer, rule.group) if rule.direction == "ingress" else (rule.group, rule.peer)
        assert (*ends, str(rule.ports).removeprefix("tcp ")) in opened


def test_the_internet_is_linked_only_to_the_load_balancer(name: str) -> None:
    drawing = drawn(name)["security_groups"]
    (alb,) = (each for each in drawing.nodes if each.label == f"wealist-{name}-alb-sg")
    assert {each.target for each in drawing.edges if each.source == "internet from"} == {alb.id}


def test_a_node_lists_its_proven_connections(name: str) -> None:
    (balancer,) = nodes(drawn(name)["backend"], "load_balancer")
    read = topology(stack_of(name), environment(name))
    address = balancer.addresses[0]
    proven = {f"← {each.source.label} {each.ports}" for each in Connections(read).all if each.target.address == address}
    assert proven
    assert proven <= set(balancer.reach)


def test_a_role_lists_each_right_with_its_reason(name: str) -> None:
    stack = stack_of(name)
    for node in nodes(drawn(name)["roles"], "role"):
        rights = [right for right in rights_rows(stack) if right[2] == node.label]
        assert len(node.rights) == len(rights)
        assert all(any(right[-1] in line for line in node.rights) for right in rights)


def test_instances_have_the_rights_of_their_role(name: str) -> None:
    for fleet in nodes(drawn(name)["backend"], "instances"):
        (role,) = (each for each in nodes(drawn(name)["roles"], "role") if each.label == f"wealist-{name}-ec2-role")
        assert fleet.rights == role.rights != ()


def test_paths_are_linked_to_target_groups_and_target_groups_to_fleets(name: str) -> None:
    drawing = drawn(name)["backend"]
    paths = {edge.label for edge in drawing.edges if edge.kind == "path"}
    assert paths == {f"{each.path_pattern}" for each in environment(name).services} | {"/monitoring/*"}
    forwarding = {edge.source for edge in drawing.edges if edge.kind == "forwards"}
    assert forwarding == {each.id for each in nodes(drawing, "target_group")}


def test_every_service_is_a_container_with_its_port(name: str) -> None:
    shown = {(each.label, dict(each.facts).get("port")) for each in nodes(drawn(name)["instances"], "container")}
    assert {(f"{each.name}-service", str(each.port)) for each in environment(name).services} <= shown


def test_managed_and_external_databases_have_their_own_kind(name: str) -> None:
    kind = "database" if environment(name).database.mode == "managed" else "database_by_hand"
    assert len(nodes(drawn(name)["database"], "database", "database_by_hand")) == 1
    assert nodes(drawn(name)["database"], kind)


def test_workflows_are_linked_to_the_resources_that_they_may_write(name: str) -> None:
    drawing = drawn(name)["delivery"]
    written = {(edge.kind, edge.target.split(".")[0]) for edge in drawing.edges}
    assert written >= {
        ("push", "aws_ecr_repository"),
        ("upload", "aws_s3_bucket"),
        ("deploy", "aws_codedeploy_deployment_group"),
    }


@pytest.mark.parametrize("which", ["dev", "prod"])
def test_drawings_follow_changed_settings(which: str) -> None:
    stack, found = drawn_otherwise(which)
    read = topology(stack, all_changed(which))
    gateways = {each.addresses[0] for each in nodes(found["network"], "nat_gateway")}
    assert gateways == {each.address for each in stack.all("aws_nat_gateway")}
    assert {each.label for each in nodes(found["network"], "zone")} == {each.zone for each in read.subnets.values()}


def test_stacks_without_an_environment_are_drawn_too() -> None:
    found = drawings(stack_of("account"))
    assert {each.label for each in nodes(found["roles"], "role")} == {
        str(each.get("name")) for each in stack_of("account").all("aws_iam_role")
    }
    assert "network" not in found


@pytest.mark.parametrize("which", ["dev", "prod", "account", "bootstrap"])
def test_edges_connect_nodes_and_boxes_come_before_their_contents(which: str) -> None:
    config = environment(which) if which in {"dev", "prod"} else None
    for drawing in drawings(stack_of(which), config).values():
        ids = [each.id for each in drawing.nodes]
        assert len(set(ids)) == len(ids)
        assert {end for edge in drawing.edges for end in (edge.source, edge.target)} <= set(ids)
        for place, node in enumerate(drawing.nodes):
            assert node.parent in {"", *ids[:place]}


@pytest.mark.parametrize("which", ["dev", "prod"])
def test_every_drawn_address_exists_in_the_stack(which: str) -> None:
    stack = stack_of(which)
    known = {*stack.resources, *stack.modules}
    for drawing in drawn(which).values():
        assert drawing.addresses <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_name_a_colour_and_a_glyph(language: str) -> None:
    words = Words(language)
    used = {str(each["kind"]) for each in kinds().values() if "kind" in each}
    used |= {node.kind for which in ("dev", "prod") for drawing in drawn(which).values() for node in drawing.nodes}
    assert all(words("kind", each) for each in used)
    assert used <= _looks()["kind"].keys()
    assert {glyph for _, glyph in _looks()["kind"].values()} <= _looks()["glyph"].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_edge_and_flow_has_a_message(language: str) -> None:
    words = Words(language)
    for drawing in (each for which in ("dev", "prod") for each in drawn(which).values()):
        assert words.title(drawing)
        assert all(words.facts(node.facts) is not None for node in drawing.nodes)
        assert all(words.flow(edge.flow) for edge in drawing.edges if edge.flow)
        assert all(words.edge(edge) is not None for edge in drawing.edges)
