"""Who talks to whom by the architecture (sections 2.3 and 8), for one environment.

internet ─80,443→ alb ─routes→ ec2 ─┬─5432→ rds
                                │ ▲ ├─6379→ redis
         scraped by Prometheus ─└─┘ ├─443→ vpc-endpoints ←443─ vpc
                                    ├─443→ s3
                                    └─443→ internet
"""

from dataclasses import dataclass
from enum import StrEnum

from wealist.spec.environment import Environment
from wealist.spec.services import HTTP_PORT, HTTPS_PORT, NODE_EXPORTER_PORT, POSTGRESQL_PORT, REDIS_PORT


class Party(StrEnum):
    """An end of a documented edge: a security group by its short name, or what wears none."""

    INTERNET = "internet"
    VPC = "vpc"
    ALB = "alb"
    EC2 = "ec2"
    RDS = "rds"
    REDIS = "redis"
    ENDPOINTS = "vpc-endpoints"
    S3 = "s3"


PRIVATE = frozenset({Party.EC2, Party.RDS, Party.REDIS, Party.ENDPOINTS})
"""Those that live in private subnets (section 2.1)."""
DATA_TIER = frozenset({Party.RDS, Party.REDIS})


@dataclass(frozen=True, order=True)
class Edge:
    """TCP connections that one party may open to another.

    Attributes:
        source: Opens them.
        target: Accepts them.
        port: The TCP port.
    """

    source: Party
    target: Party
    port: int


def documented(environment: Environment) -> frozenset[Edge]:
    """Every edge of the architecture, and the two that ADR 0008 and the node metrics add: ec2 to ec2."""
    routes = [route.port for route in environment.routes]
    scraped = [*(service.port for service in environment.services), NODE_EXPORTER_PORT]
    return frozenset(
        {
            *(Edge(Party.INTERNET, Party.ALB, port) for port in (HTTP_PORT, HTTPS_PORT)),
            *(Edge(Party.ALB, Party.EC2, port) for port in routes),
            *(Edge(Party.EC2, Party.EC2, port) for port in scraped),
            Edge(Party.EC2, Party.RDS, POSTGRESQL_PORT),
            Edge(Party.EC2, Party.REDIS, REDIS_PORT),
            Edge(Party.EC2, Party.ENDPOINTS, HTTPS_PORT),
            Edge(Party.VPC, Party.ENDPOINTS, HTTPS_PORT),
            Edge(Party.EC2, Party.S3, HTTPS_PORT),
            # By the NAT gateway (section 2.3): images, packages, AWS's APIs without an endpoint.
            Edge(Party.EC2, Party.INTERNET, HTTPS_PORT),
        }
    )


def allowed(edges: frozenset[Edge], source: Party, target: Party) -> frozenset[int]:
    """The ports on which one party may open connections to another.

    What is open to the internet is open to everybody, and what is open to the VPC to everybody in it.
    """
    wider = {source, Party.INTERNET} if source is Party.INTERNET else {source, Party.VPC, Party.INTERNET}
    return frozenset(edge.port for edge in edges if edge.target is target and edge.source in wider)
