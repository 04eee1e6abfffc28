"""Physical names of resources, and AWS's limits of names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wealist.spec.account import ACCOUNT_ID, PROJECT, REGION
from wealist.spec.services import Service

PRODUCTION: Final = "prod"
MONITORING_FILES: Final = "monitoring/"
"""Key prefix of the monitoring instance's files in the bucket of scripts."""


@dataclass(frozen=True)
class Limit:
    """AWS's limit of the names of one kind of resource.

    Attributes:
        length: Maximum number of characters.
        pattern: Regular expression that a whole name must match.
        source: AWS's documentation.
    """

    length: int
    pattern: str
    source: str

    def problem(self, name: str) -> str | None:
        """Return why AWS would reject a name; None if it is valid."""
        if len(name) > self.length:
            return f"has {len(name)} characters, and AWS accepts {self.length} at most ({self.source})"
        if not re.fullmatch(self.pattern, name):
            return f"does not match {self.pattern} ({self.source})"
        return None


_API: Final = "https://docs.aws.amazon.com"
_HYPHENATED: Final = r"[a-z](?!.*--)[a-z0-9-]*[a-z0-9]"
LIMITS: Final = {
    "load_balancer": Limit(
        32,
        r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?",
        f"{_API}/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
    ),
    "target_group": Limit(
        32,
        r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?",
        f"{_API}/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
    ),
    "bucket": Limit(63, r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", f"{_API}/AmazonS3/latest/userguide/bucketnamingrules.html"),
    "db_instance": Limit(63, _HYPHENATED, f"{_API}/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"),
    "replication_group": Limit(
        40, _HYPHENATED, f"{_API}/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html"
    ),
    "role": Limit(64, r"[\w+=,.@-]+", f"{_API}/IAM/latest/APIReference/API_CreateRole.html"),
    "policy": Limit(128, r"[\w+=,.@-]+", f"{_API}/IAM/latest/APIReference/API_CreatePolicy.html"),
    "security_group": Limit(
        255, r"(?!sg-)[\w ._:/()#,@\[\]+=&;{}!$*-]+", f"{_API}/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"
    ),
    "auto_scaling_group": Limit(255, r"[^:]+", f"{_API}/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html"),
    "launch_template": Limit(128, r"[\w.()/-]{3,}", f"{_API}/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html"),
    "application": Limit(100, r".+", f"{_API}/codedeploy/latest/APIReference/API_CreateApplication.html"),
    "repository": Limit(
        256, r"[a-z0-9]+(?:[._/-][a-z0-9]+)*", f"{_API}/AmazonECR/latest/APIReference/API_CreateRepository.html"
    ),
}
"""Kind of resource → limit of its names, for kinds whose names contain an environment's name."""


@dataclass(frozen=True)
class Names:
    """The physical names of one environment.

    Most are `wealist-<env>-<what>`. As in the document, names of production's buckets do not contain the environment.
    """

    environment: str

    def __call__(self, what: str) -> str:
        """Return `wealist-<env>-<what>`."""
        return f"{self.environment_prefix}-{what}"

    @property
    def environment_prefix(self) -> str:
        """`wealist-<env>`, the prefix of most names."""
        return f"{PROJECT}-{self.environment}"

    def bucket(self, what: str) -> str:
        """Return `wealist-<what>` in production, else `wealist-<what>-<env>`."""
        return f"{PROJECT}-{what}" if self.environment == PRODUCTION else f"{PROJECT}-{what}-{self.environment}"

    def parameter(self, path: str) -> str:
        """Return `/wealist/<env>/<path>`: the name of a parameter, or a pattern of names for policies."""
        return f"/{PROJECT}/{self.environment}/{path}"

    @property
    def flow_log_group(self) -> str:
        """The log group of the VPC's traffic."""
        return self.parameter("vpc-flow-logs")

    @property
    def session_log_group(self) -> str:
        """The log group of operators' sessions on instances."""
        return self.parameter("sessions")

    def log_group(self, service: Service) -> str:
        """Return the log group of a service's containers."""
        return self.parameter(service.full_name)

    @property
    def alerts_topic(self) -> str:
        """The topic of all alerts except CloudFront's."""
        return self("alerts")

    @property
    def frontend_bucket(self) -> str:
        """The bucket of the React build."""
        return self.bucket("frontend")

    @property
    def access_logs_bucket(self) -> str:
        """The bucket of access logs. Its name contains the account, as bucket names are globally unique."""
        return f"{self('access-logs')}-{ACCOUNT_ID}"

    @property
    def codedeploy_artifacts_bucket(self) -> str:
        """The bucket of deployment bundles, which CodeDeploy's agent downloads."""
        return self.bucket("codedeploy-artifacts")

    @property
    def app_artifacts_bucket(self) -> str:
        """The bucket of build results."""
        return self.bucket("app-artifacts")

    @property
    def deploy_scripts_bucket(self) -> str:
        """The bucket of scripts, which instances read."""
        return self.bucket("deploy-scripts")

    @property
    def monitoring_data_volume(self) -> str:
        """The tag `Name` of monitoring's data volume, by which the instance finds the volume."""
        return self("monitoring-data")

    @property
    def app_resources_bucket(self) -> str:
        """The bucket of files that the services read and write."""
        return self.bucket("app-resources")

    @property
    def buckets(self) -> tuple[str, ...]:
        """Every bucket of the environment."""
        return (
            self.frontend_bucket,
            self.access_logs_bucket,
            self.codedeploy_artifacts_bucket,
            self.app_artifacts_bucket,
            self.deploy_scripts_bucket,
            self.app_resources_bucket,
        )

    def limited(self, services: Sequence[Service]) -> Iterator[tuple[str, str]]:
        """Yield the longest names of each kind in `LIMITS`, as (kind, name)."""
        yield "load_balancer", self("alb")
        yield "target_group", self("monitoring-tg")
        yield "db_instance", self("rds")
        yield "replication_group", self("redis")
        yield "role", self("github-actions-role")
        yield "policy", self("github-actions-policy")
        yield "security_group", self("vpc-endpoints-sg")
        yield "auto_scaling_group", self("monitoring-asg")
        yield "launch_template", self("monitoring-lt")
        for service in services:
            yield "target_group", self(f"{service.name}-tg")
            yield "repository", self(service.full_name)
            yield "application", self(service.full_name)
        for bucket in self.buckets:
            yield "bucket", bucket


ECR_REGISTRY: Final = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com"
