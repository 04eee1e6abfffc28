"""Ways to open or close the network, each with the claim that it breaks."""

from typing import Final

from tests.guarded import Fault
from tests.unit.checks.faults.edits import (
    EGRESS,
    INGRESS,
    PUBLIC,
    VPC,
    WORLD,
    Document,
    add,
    both,
    drop,
    group,
    let_in,
    let_out,
    put,
    subnet,
)


def _misrouted(document: Document) -> None:
    route = document["resource"]["aws_route"]["network_private_default_route"]
    del route["nat_gateway_id"]
    route["gateway_id"] = "${aws_internet_gateway.network_igw.id}"


_TEMPLATE = "aws_launch_template.backend_fleet_launch_template"
_INTERNET, _BALANCER, _DATA = "reachability.internet", "reachability.load_balancer", "reachability.data_tier"
_OUTWARD, _EDGES, _TIERS = "reachability.outward", "reachability.edges", "reachability.tiers"
_PUBLIC: Final = "reachability.public_address"

FAULTS: Final = [
    Fault("the load balancer accepts SSH from the world", "prod", let_in("alb", 22, cidr_ipv4=WORLD), _INTERNET),
    Fault(
        "the load balancer accepts everything from the world", "dev", let_in("alb", None, cidr_ipv4=WORLD), _INTERNET
    ),
    Fault(
        "instances are public and accept SSH from the world",
        "prod",
        both(
            let_in("ec2", 22, cidr_ipv4=WORLD),
            put("aws_autoscaling_group.backend_fleet_asg.vpc_zone_identifier", to=PUBLIC),
            put(f"{_TEMPLATE}.network_interfaces.0.associate_public_ip_address", to="true"),
        ),
        _INTERNET,
    ),
    Fault(
        "the database is public and open to the world",
        "dev",
        both(
            let_in("rds", 5432, cidr_ipv4=WORLD),
            put("aws_db_instance.database_instance.publicly_accessible", to=True),
            put("aws_db_subnet_group.database_subnet_group.subnet_ids", to=PUBLIC),
        ),
        _INTERNET,
    ),
    Fault(
        "the load balancer opens SSH to the instances",
        "prod",
        both(
            let_in("ec2", 22, referenced_security_group_id=group("alb")),
            let_out("alb", 22, referenced_security_group_id=group("ec2")),
        ),
        _BALANCER,
    ),
    Fault("the load balancer opens connections to the world", "prod", let_out("alb", 443, cidr_ipv4=WORLD), _BALANCER),
    Fault("PostgreSQL accepts the whole VPC", "prod", let_in("rds", 5432, cidr_ipv4="10.1.0.0/16"), _DATA),
    Fault("the managed PostgreSQL accepts one subnet", "dev", let_in("rds", 5432, cidr_ipv4="10.0.2.0/24"), _DATA),
    Fault(
        "Redis accepts the VPC by reference",
        "dev",
        let_in("redis", 6379, cidr_ipv4="${aws_vpc.network_vpc.cidr_block}"),
        _DATA,
    ),
    Fault(
        "Redis accepts everything from the instances' neighbours",
        "prod",
        let_in("redis", None, cidr_ipv4="10.0.0.0/8"),
        _DATA,
    ),
    Fault("PostgreSQL opens connections to the world", "prod", let_out("rds", None, cidr_ipv4=WORLD), _OUTWARD),
    Fault(
        "Redis opens connections to the instances, who do not accept",
        "dev",
        let_out("redis", 22, referenced_security_group_id=group("ec2")),
        _OUTWARD,
    ),
    Fault(
        "instances accept SSH from the world, behind a NAT gateway",
        "prod",
        let_in("ec2", 22, cidr_ipv4=WORLD),
        _INTERNET,
    ),
    Fault(
        "instances accept a range of ports from the load balancer",
        "prod",
        put(f"{INGRESS}.firewall_alb_to_ec2_8000_ingress.to_port", to=9000),
        _EDGES,
    ),
    Fault(
        "the endpoints accept a neighbouring network",
        "prod",
        let_in("vpc_endpoints", 443, cidr_ipv4="10.0.0.0/8"),
        _INTERNET,
    ),
    Fault(
        "a group that nothing wears lets the world in",
        "prod",
        both(
            add("aws_security_group", name="spare", vpc_id=VPC),
            let_in("ec2", 8080, referenced_security_group_id="${aws_security_group.mistake.id}"),
        ),
        _EDGES,
    ),
    Fault(
        "the board service is unreachable for the load balancer",
        "prod",
        drop(INGRESS, "firewall_alb_to_ec2_8000_ingress"),
        _EDGES,
    ),
    Fault(
        "instances cannot open connections to Redis", "dev", drop(EGRESS, "firewall_ec2_to_redis_6379_egress"), _EDGES
    ),
    Fault("Prometheus cannot scrape the user service", "prod", drop(EGRESS, "firewall_ec2_to_ec2_8080_egress"), _EDGES),
    Fault("the load balancer is internal", "prod", put("aws_lb.load_balancer_alb.internal", to=True), _EDGES),
    Fault("HTTPS is closed", "prod", drop(INGRESS, "firewall_internet_to_alb_443_ingress"), _EDGES),
    Fault(
        "one private subnet has no way out",
        "prod",
        drop("aws_route_table_association", "network_private_rt_association_c"),
        _EDGES,
    ),
    Fault(
        "the NAT gateway stands in a private subnet",
        "prod",
        put("aws_nat_gateway.network_nat.subnet_id", to=subnet("private", "a")),
        _EDGES,
    ),
    Fault(
        "the NAT gateway is a private one",
        "prod",
        put("aws_nat_gateway.network_nat.connectivity_type", to="private"),
        _EDGES,
    ),
    Fault(
        "Redis wears no security group",
        "dev",
        put("aws_elasticache_replication_group.cache_replication_group.security_group_ids", to=[]),
        _EDGES,
    ),
    Fault(
        "the database is in public subnets",
        "dev",
        put("aws_db_subnet_group.database_subnet_group.subnet_ids", to=PUBLIC),
        _TIERS,
    ),
    Fault("private subnets lead to the internet gateway", "prod", _misrouted, _TIERS),
    Fault(
        "a private subnet is where another is described",
        "prod",
        put("aws_subnet.network_private_subnet_a.cidr_block", to="10.1.99.0/24"),
        _TIERS,
    ),
    Fault("the VPC has another block", "dev", put("aws_vpc.network_vpc.cidr_block", to="10.0.0.0/15"), _TIERS),
    Fault(
        "instances have public addresses",
        "prod",
        put(f"{_TEMPLATE}.network_interfaces.0.associate_public_ip_address", to="true"),
        _PUBLIC,
    ),
    Fault(
        "the database is publicly accessible",
        "dev",
        put("aws_db_instance.database_instance.publicly_accessible", to=True),
        _PUBLIC,
    ),
    Fault(
        "a second load balancer faces the internet",
        "prod",
        add("aws_lb", internal=False, subnets=PUBLIC, security_groups=[group("alb")]),
        _PUBLIC,
    ),
    Fault("there is a spare public address", "prod", add("aws_eip", domain="vpc"), _PUBLIC),
]
"""Each is found by its claim."""
