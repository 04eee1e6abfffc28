"""Who is told when something fails (architecture, section 4; ADR 0059).

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
"""Name → what the events are of, and which (RDS.20 to RDS.22).

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
"""
_GIB: Final = 1024**3


def _alarms_in(region: str, config: Environment) -> Conditions:
    """Holds CloudWatch to the environment's own alarms.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    return {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{ACCOUNT_ID}:alarm:{config.names('*')}"}}


def alert_topic(scope: Construct, config: Environment) -> AlertTopic | None:
    """Makes the topic of all alerts but CloudFront's; None where nobody is told."""
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
    """What tells the topic, but Prometheus; and a topic for what CloudFront's region tells."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        settings: Settings,
        told: AlertTopic,
        network: Network,
        load_balancer: LoadBalancer,
        fleets: Mapping[str, Fleet],
        frontend: Frontend,
        cdn_provider: AwsProvider,
    ) -> None:
        """Makes them.

        Args:
            scope: the stack.
            id_: construct id.
            config: the environment.
            settings: its alerts.
            told: the topic.
            network: its NAT gateways.
            load_balancer: and its target groups.
            fleets: role → Auto Scaling group.
            frontend: the site.
            cdn_provider: of us-east-1, where CloudFront and its certificate are measured.
        """
        super().__init__(scope, id_)
        alarms = Alarms(self, "alarm", config=config, topic=told.topic)
        _watch_load_balancer(alarms, load_balancer)
        for role, fleet in fleets.items():
            alarms.add("instances-missing", {"AutoScalingGroupName": fleet.group.name}, which=role)
        _watch_database(alarms, config, settings)
        _watch_redis(alarms, config)
        for nat, gateway in network.nat_gateways.items():
            alarms.add("nat-ports", {"NatGatewayId": gateway.id}, which=nat)
        alarms.add("certificate", {"CertificateArn": load_balancer.certificate.arn}, which="api")
        self._tell_of_database(told, config)
        self._tell_of_site(config, settings, frontend, cdn_provider)

    def _tell_of_database(self, told: AlertTopic, config: Environment) -> None:
        """RDS' own events. Of a database that is made by hand, all of the account: AWS refuses a name that is none."""
        managed = isinstance(config.database, ManagedDatabase)
        for name, (source, categories) in _DATABASE_EVENTS.items():
            DbEventSubscription(
                self,
                name,
                name=config.names(name),
                sns_topic=told.topic.arn,
                source_type=source,
                source_ids=[config.names("rds")] if managed and source == "db-instance" else None,
                event_categories=list(categories),
                tags={"Name": config.names(name)},
                depends_on=[told.policy],
            )

    def _tell_of_site(
        self, config: Environment, settings: Settings, frontend: Frontend, cdn_provider: AwsProvider
    ) -> None:
        """CloudFront's metrics and its certificate's are in us-east-1 alone, and an alarm acts in its own region."""
        told = AlertTopic(
            self,
            "cdn",
            config=config,
            name=config.names("alerts-cdn"),
            emails=settings.emails,
            publishers={"cloudwatch.amazonaws.com": _alarms_in(CDN_CERTIFICATE_REGION, config)},
            region=CDN_CERTIFICATE_REGION,
            provider=cdn_provider,
        )
        alarms = Alarms(self, "cdn-alarm", config=config, topic=told.topic, provider=cdn_provider)
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
    """By the name that the architecture document gives the database, whoever makes it."""
    database = config.database
    # It grows by itself below a tenth: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    least_gib = database.allocated_storage_gib / 20 if isinstance(database, ManagedDatabase) else 1
    dimensions = {"DBInstanceIdentifier": config.names("rds")}
    alarms.add("database-storage", dimensions, below=least_gib * _GIB)
    alarms.add("database-cpu", dimensions)
    alarms.add("database-connections", dimensions, above=settings.database_connections)


def _watch_redis(alarms: Alarms, config: Environment) -> None:
    """By node; ElastiCache numbers them, and sends its own events to no encrypted topic."""
    nodes = {number: f"{config.names('redis')}-{number}" for number in _numbers(config.cache_nodes)}
    for number, node in nodes.items():
        alarms.add("redis-memory", {"CacheClusterId": node}, which=number)
        alarms.add("redis-evictions", {"CacheClusterId": node}, which=number)
    alarms.add("redis-primary", {"CacheClusterId": nodes["001"]})


def _numbers(nodes: int) -> list[str]:
    """`001`, `002`, … as ElastiCache ends the names of a group's nodes."""
    return [f"{number:03}" for number in range(1, nodes + 1)]
