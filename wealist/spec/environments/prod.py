"""Production: the values of the architecture document."""

from wealist.spec.environment import Alerts, Backend, Backups, Endpoint, Environment, ExternalDatabase, Network

ENVIRONMENT = Environment(
    name="prod",
    may_be_destroyed=False,
    enable_multi_az=False,
    network=Network(cidr="10.1.0.0/16"),
    site=Endpoint(domain="wealist.co.kr"),
    api=Endpoint(domain="api.wealist.co.kr"),
    backend=Backend(min_size=2, max_size=6, desired_capacity=2),
    database=ExternalDatabase(),
    backups=Backups(retention_days=35),
    # The mailbox must be created, and confirm its subscription: the document names no address (ADR 0059).
    alerts=Alerts(emails=("operators@wealist.co.kr",)),
)
