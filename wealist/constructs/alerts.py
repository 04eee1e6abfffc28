"""Alarms and events of an environment, and the topics that they publish to (architecture, section 4; ADR 0059).

CloudWatch alarms, RDS' events ─────────────┐
Prometheus ─ Alertmanager (instances' role) ┴► topic wealist-<env>-alerts ─► e-mail
CloudFront's alarms ─────────────────────────► wealist-<env>-alerts-cdn in us-east-1 ─► e-mail
"""

from collections.abc import Mapping
from typing import Final

from cdktf_cdktf_provider_aws.db_event_subscription import DbEventSubscription
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from wealist.constructs.alarms import Alarms
from wealist.constructs.alert_topic import AlertTopic
from wealist.constructs.fleet import Fleet
from wealist.constructs.frontend import Frontend
from wealist.constructs.load_balancer import LoadBalancer
from wealist.constructs.network import Network
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, REGION
from wealist.spec.environment import Alerts as Settings
from wealist.spec.environment import Environment, ManagedDatabase
from wealist.toolkit.policy import OWN_ACCOUNT, Conditions

_DATABASE_EVENTS: Final = {
    "database-events": ("db-instance", ("availability", "failover", "failure", "low storage")),
    "database-parameters": ("db-parameter-group", ("configuration change",)),
    "database-groups": ("db-security-group", ("configuration change", "failure")),
}
"""Name of a subscription → its source type and event categories (RDS.20 to RDS.22).

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
"""
_GIB: Final = 1024**3


def _alarms_in(region: str, config: Environment) -> Conditions:
    """Limit CloudWatch to alarms of the environment.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    return {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{ACCOUNT_ID}:alarm:{config.names('*')}"}}


def alert_topic(scope: Construct, config: Environment) -> AlertTopic | None:
    """Create the topic of all alerts except CloudFront's; None if the environment has no alerts."""
    if config.alerts is None:
        return None
    return AlertTopic(
        scope,
        "alert",
        config=config,
        name=config.names.alerts_topic,
        emails=config.alerts.emails,
        publishers={
            "cloudwatch.amazonaws.com": _alarms_in(REGION, config),
            # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
            "events.rds.amazonaws.com": OWN_ACCOUNT,
        },
    )


class Alerts(Construct):
    """Alarms and RDS events that publish to the topic, and a second topic for the alarms in us-east-1.

    Args:
        topic: The topic of the environment.
        cdn_provider: Provider of us-east-1, the region of the metrics of CloudFront and its certificate.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        settings: Settings,
        topic: AlertTopic,
        network: Network,
        load_balancer: LoadBalancer,
        fleets: Mapping[str, Fleet],
        frontend: Frontend,
        cdn_provider: AwsProvider,
    ) -> None:
        super().__init__(scope, id_)
        alarms = Alarms(self, "alarm", config=config, topic=topic.topic)
        _watch_load_balancer(alarms, load_balancer)
        for role, fleet in fleets.items():
            alarms.add("instances-missing", {"AutoScalingGroupName": fleet.group.name}, which=role)
        _watch_database(alarms, config, settings)
        _watch_redis(alarms, config)
        for nat, gateway in network.nat_gateways.items():
            alarms.add("nat-ports", {"NatGatewayId": gateway.id}, which=nat)
        alarms.add("certificate", {"CertificateArn": load_balancer.certificate.arn}, which="api")
        self._subscribe_to_database(topic, config)
        self._watch_site(config, settings, frontend, cdn_provider)

    def _subscribe_to_database(self, topic: AlertTopic, config: Environment) -> None:
        """Subscribe to RDS events: of the managed database, else of all databases of the account.

        AWS rejects the name of a database that does not exist, and an external one may not exist yet.
        """
        managed = isinstance(config.database, ManagedDatabase)
        for name, (source, categories) in _DATABASE_EVENTS.items():
            DbEventSubscription(
                self,
                name,
                name=config.names(name),
                sns_topic=topic.topic.arn,
                source_type=source,
                source_ids=[config.names("rds")] if managed and source == "db-instance" else None,
                event_categories=list(categories),
                tags={"Name": config.names(name)},
                depends_on=[topic.policy],
            )

    def _watch_site(
        self, config: Environment, settings: Settings, frontend: Frontend, cdn_provider: AwsProvider
    ) -> None:
        """Create alarms in us-east-1, the only region of CloudFront's metrics; an alarm needs a topic in its region."""
        topic = AlertTopic(
            self,
            "cdn",
            config=config,
            name=config.names("alerts-cdn"),
            emails=settings.emails,
            publishers={"cloudwatch.amazonaws.com": _alarms_in(CDN_CERTIFICATE_REGION, config)},
            region=CDN_CERTIFICATE_REGION,
            provider=cdn_provider,
        )
        alarms = Alarms(self, "cdn-alarm", config=config, topic=topic.topic, provider=cdn_provider)
        alarms.add("site-errors", {"DistributionId": frontend.distribution.id, "Region": "Global"})
        alarms.add("certificate", {"CertificateArn": frontend.certificate.arn}, which="site")


def _watch_load_balancer(alarms: Alarms, load_balancer: LoadBalancer) -> None:
    whole = {"LoadBalancer": load_balancer.lb.arn_suffix}
    alarms.add("api-errors", whole)
    alarms.add("api-latency", whole)
    for route, group in load_balancer.target_groups.items():
        alarms.add("targets-unhealthy", {**whole, "TargetGroup": group.arn_suffix}, which=route)
        alarms.add("targets-none", {**whole, "TargetGroup": group.arn_suffix}, which=route)


def _watch_database(alarms: Alarms, config: Environment, settings: Settings) -> None:
    """Watch the database by its documented name, whether it is managed or external."""
    database = config.database
    # RDS enlarges the storage when less than 10 % is free: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    least_gib = database.allocated_storage_gib / 20 if isinstance(database, ManagedDatabase) else 1
    dimensions = {"DBInstanceIdentifier": config.names("rds")}
    alarms.add("database-storage", dimensions, below=least_gib * _GIB)
    alarms.add("database-cpu", dimensions)
    alarms.add("database-connections", dimensions, above=settings.database_connections)


def _watch_redis(alarms: Alarms, config: Environment) -> None:
    """Watch each node. ElastiCache's own events are not used: it cannot publish to an encrypted topic."""
    # ElastiCache numbers the nodes of a group: 001, 002, …
    numbers = [f"{number:03}" for number in range(1, config.cache_nodes + 1)]
    nodes = {number: f"{config.names('redis')}-{number}" for number in numbers}
    for number, node in nodes.items():
        alarms.add("redis-memory", {"CacheClusterId": node}, which=number)
        alarms.add("redis-evictions", {"CacheClusterId": node}, which=number)
    alarms.add("redis-primary", {"CacheClusterId": nodes["001"]})
