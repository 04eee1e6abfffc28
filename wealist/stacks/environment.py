"""The stack of an environment, in the order of the architecture document."""

from cdktf import TerraformOutput
from constructs import Construct

from wealist.constructs.alerts import Alerts, alert_topic
from wealist.constructs.backups import Backups
from wealist.constructs.cache import Cache
from wealist.constructs.database import Database
from wealist.constructs.delivery import Artifacts, Deployments
from wealist.constructs.dns import Zone
from wealist.constructs.encryption import Encryption
from wealist.constructs.endpoints import VpcEndpoints
from wealist.constructs.firewall import Firewall
from wealist.constructs.fleet import Fleet
from wealist.constructs.frontend import Frontend
from wealist.constructs.identity import DeployIdentity, InstanceIdentity, PipelineIdentity
from wealist.constructs.identity_policies import monitoring_statements, revision_statements, service_log_statements
from wealist.constructs.load_balancer import LoadBalancer
from wealist.constructs.logs import AccessLogs, FlowLogs, ServiceLogs, Sessions
from wealist.constructs.monitoring import MonitoringData, MonitoringFiles
from wealist.constructs.network import Network
from wealist.constructs.parameters import Parameters
from wealist.spec.account import CDN_CERTIFICATE_REGION
from wealist.spec.environment import Environment
from wealist.spec.services import (
    BOOT_SECONDS,
    HTTP_PORT,
    HTTPS_PORT,
    NODE_EXPORTER_PORT,
    POSTGRESQL_PORT,
    REDIS_PORT,
)
from wealist.stacks.factory import WealistStack
from wealist.toolkit.stack import addresses


class EnvironmentStack(WealistStack):
    """Sections 2 to 9 of the architecture for one environment."""

    def __init__(self, scope: Construct, environment: Environment) -> None:
        self.config = environment
        super().__init__(scope, environment.name, environment=environment.name)
        cdn = self.provider("cdn", region=CDN_CERTIFICATE_REGION, alias="cdn")

        # Shared parts
        encryption = Encryption(self, "encryption", config=environment)
        parameters = Parameters(self, "parameters", config=environment, encryption=encryption)
        access_logs = AccessLogs(self, "access-logs", config=environment)
        service_logs = ServiceLogs(self, "service-logs", config=environment, encryption=encryption)
        sessions = Sessions(self, "sessions", config=environment, encryption=encryption)
        zone = Zone(self, "dns")

        # 2. Network
        network = Network(self, "network", config=environment)
        FlowLogs(self, "flow-logs", config=environment, network=network, encryption=encryption)

        # 8. Security groups
        firewall = self._firewall(network)
        endpoints = VpcEndpoints(
            self, "endpoints", config=environment, network=network, security_group=firewall.vpc_endpoints
        )

        # 3. Frontend
        frontend = Frontend(self, "frontend", config=environment, zone=zone, access_logs=access_logs, cdn_provider=cdn)

        # 4. Backend
        load_balancer = LoadBalancer(
            self,
            "load-balancer",
            config=environment,
            network=network,
            security_group=firewall.alb,
            zone=zone,
            access_logs=access_logs,
        )
        private = network.private_subnets
        monitoring_subnet = private[environment.monitoring.zone]
        data = MonitoringData(
            self, "monitoring-data", config=environment, subnet=monitoring_subnet, encryption=encryption
        )
        alerts = alert_topic(self, environment)
        instances = InstanceIdentity(self, "identity", config=environment, encryption=encryption)
        instances.allow("logs", service_log_statements(environment))
        instances.allow(
            "monitoring",
            [
                *monitoring_statements(environment.names, key_arn=encryption.key.arn, data_volume_arn=data.volume.arn),
                *(alerts.publish if alerts else []),
            ],
        )
        instances.allow("sessions", sessions.write)
        if environment.deployment == "in_place":
            instances.allow("revisions", revision_statements(environment))
        backend = Fleet(
            self,
            "backend-fleet",
            config=environment,
            role="backend",
            instance_type=environment.backend.instance_type,
            root_volume_gib=environment.backend.root_volume_gib,
            sizes=(environment.backend.min_size, environment.backend.max_size, environment.backend.desired_capacity),
            grace_seconds=environment.backend_grace_seconds,
            subnets=list(private.values()),
            security_group=firewall.ec2,
            identity=instances,
            target_groups=[load_balancer.target_groups[service.name] for service in environment.services],
            installs_revisions=environment.deployment == "in_place",
        )
        backend.track_cpu(environment.names("backend-cpu"), environment.backend.cpu_target)
        monitoring = Fleet(
            self,
            "monitoring-fleet",
            config=environment,
            role="monitoring",
            instance_type=environment.monitoring.instance_type,
            root_volume_gib=environment.monitoring.root_volume_gib,
            sizes=(1, 1, 1),
            grace_seconds=BOOT_SECONDS,
            subnets=[monitoring_subnet],
            security_group=firewall.ec2,
            identity=instances,
            target_groups=[load_balancer.target_groups[environment.grafana.name]],
        )

        # 5. Database
        Database(
            self,
            "database",
            config=environment,
            network=network,
            security_group=firewall.rds,
            encryption=encryption,
            parameters=parameters,
        )

        # 6. Cache
        Cache(
            self,
            "cache",
            config=environment,
            network=network,
            security_group=firewall.redis,
            encryption=encryption,
            parameters=parameters,
        )

        # Backups
        if environment.backups:
            Backups(
                self,
                "backups",
                config=environment,
                settings=environment.backups,
                encryption=encryption,
                volume=data.volume,
            )

        # Alerts
        if environment.alerts and alerts:
            Alerts(
                self,
                "alerts",
                config=environment,
                settings=environment.alerts,
                topic=alerts,
                network=network,
                load_balancer=load_balancer,
                fleets={"backend": backend, "monitoring": monitoring},
                frontend=frontend,
                cdn_provider=cdn,
            )

        # 7. Delivery
        artifacts = Artifacts(self, "artifacts", config=environment)
        files = MonitoringFiles(self, "monitoring-files", bucket=artifacts.buckets["deploy-scripts"], fleet=monitoring)
        at_boot = addresses(
            [
                *network.internet_access,
                *endpoints.endpoints,
                *firewall.rules,
                *instances.attachments,
                *parameters.all,
                *service_logs.groups,
                sessions.group,
            ]
        )
        backend.starts_after(at_boot)
        # EBS does not delete a volume while it is attached.
        monitoring.starts_after([*at_boot, *addresses([data.volume, files.objects])])
        Deployments(
            self,
            "deployments",
            config=environment,
            identity=DeployIdentity(self, "deploy-identity", config=environment),
            fleet=backend,
            load_balancer=load_balancer,
        )

        # 9. IAM: the role of GitHub Actions
        PipelineIdentity(self, "pipeline-identity", config=environment, encryption=encryption, frontend=frontend)

        TerraformOutput(self, "site-url", value=f"https://{environment.site.domain}")
        TerraformOutput(self, "api-url", value=f"https://{environment.api.domain}")
        TerraformOutput(self, "distribution-id", value=frontend.distribution.id)

    def _firewall(self, network: Network) -> Firewall:
        """Create the security groups, and declare the connections between them."""
        firewall = Firewall(self, "firewall", config=self.config, network=network)
        services = [service.port for service in self.config.services]
        routes = [route.port for route in self.config.routes]
        firewall.allow_internet(to=firewall.alb, on=[HTTP_PORT, HTTPS_PORT], purpose="HTTP and HTTPS")
        firewall.allow(firewall.alb, to=firewall.ec2, on=routes, purpose="Requests and health checks")
        firewall.allow(firewall.ec2, to=firewall.ec2, on=services, purpose="Prometheus scrapes the services")
        firewall.allow(
            firewall.ec2, to=firewall.ec2, on=[NODE_EXPORTER_PORT], purpose="Prometheus scrapes the instances"
        )
        firewall.allow(firewall.ec2, to=firewall.rds, on=[POSTGRESQL_PORT], purpose="PostgreSQL")
        firewall.allow(firewall.ec2, to=firewall.redis, on=[REDIS_PORT], purpose="Redis")
        firewall.allow_vpc(to=firewall.vpc_endpoints, on=[HTTPS_PORT], purpose="AWS APIs")
        firewall.allow_to(firewall.ec2, to=firewall.vpc_endpoints, on=[HTTPS_PORT], purpose="AWS APIs")
        firewall.allow_to_internet(firewall.ec2, on=[HTTPS_PORT], purpose="Images, packages and AWS APIs")
        firewall.check_rules()
        return firewall
