"""The document's development environment: one instance, a managed database, destroyable."""

from wealist.spec.environment import Backend, Cache, Endpoint, Environment, ManagedDatabase, Network
from wealist.spec.subnets import SubnetLayout

ENVIRONMENT = Environment(
    name="dev",
    may_be_destroyed=True,
    enable_multi_az=False,
    network=Network(
        cidr="10.0.0.0/16",
        # Older than the pattern of prod: zone d's public subnet came last, after the private ones.
        custom_subnets=SubnetLayout(
            public={"a": "10.0.0.0/24", "c": "10.0.1.0/24", "d": "10.0.14.0/24"},
            private={"a": "10.0.2.0/24", "c": "10.0.3.0/24", "d": "10.0.4.0/24"},
        ),
    ),
    site=Endpoint(domain="dev.wealist.co.kr"),
    api=Endpoint(domain="api.dev.wealist.co.kr"),
    backend=Backend(min_size=1, max_size=2, desired_capacity=1),
    database=ManagedDatabase(backup_retention_days=1),
    cache=Cache(snapshot_retention_days=1),
    log_retention_days=30,
)
