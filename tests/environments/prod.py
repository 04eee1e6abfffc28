"""The document's production environment."""

from wealist.spec.environment import Backend, Endpoint, Environment, ExternalDatabase, Network

ENVIRONMENT = Environment(
    name="prod",
    may_be_destroyed=False,
    enable_multi_az=False,
    network=Network(cidr="10.1.0.0/16"),
    site=Endpoint(domain="wealist.co.kr"),
    api=Endpoint(domain="api.wealist.co.kr"),
    backend=Backend(min_size=2, max_size=6, desired_capacity=2),
    database=ExternalDatabase(),
)
