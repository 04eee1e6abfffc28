"""Settings of an environment: what operators choose, independent of how it is built.

pydantic checks their types. Relations between values, AWS's limits and relations to other environments are rules of
`wealist.spec.rules`, so that all problems are reported at once.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from wealist.spec import parameters
from wealist.spec.account import CDN_CERTIFICATE_REGION, GITHUB_ORGANISATION, REGION, default_tags
from wealist.spec.naming import Names
from wealist.spec.services import BOARD_SERVICE, BOOT_SECONDS, GRAFANA, USER_SERVICE, Route, Service
from wealist.spec.settings import Settings
from wealist.spec.subnets import SubnetLayout, lay_out

EVERY_REPOSITORY: Final = "*"


class Network(Settings):
    """The VPC (section 2).

    Attributes:
        cidr: CIDR block of the VPC.
        zones: Letters of the Availability Zones that have subnets, in the order of the subnets' numbers; two or more.
            The load balancer and the backend use all of them.
        custom_subnets: Blocks of the subnets, if they differ from the pattern of `subnets.lay_out`.
        nat: One NAT gateway, as documented, or one in each zone.
        nat_zone: Zone of the single NAT gateway. Defaults to the first zone, as documented.
        endpoint_zones: Zones of the interface endpoints. Each costs by the hour; instances of other zones use them too.
            Defaults to every zone.
    """

    cidr: str
    zones: tuple[str, ...] = ("a", "c", "d")
    custom_subnets: SubnetLayout | None = None
    nat: Literal["single", "per_zone"] = "single"
    nat_zone: str | None = None
    endpoint_zones: tuple[str, ...] | None = None

    @property
    def subnets(self) -> SubnetLayout:
        """The subnets.

        Raises:
            ValueError: The block is too small for the pattern.
        """
        return self.custom_subnets or lay_out(self.cidr, self.zones)


class Endpoint(Settings):
    """A public HTTPS endpoint: the site (section 3) or the API (section 4).

    Attributes:
        domain: DNS name in the hosted zone.
        certificate_arn: ARN of an existing ACM certificate. Defaults to a new one, validated by DNS.
    """

    domain: str
    certificate_arn: str | None = None


class Backend(Settings):
    """The Auto Scaling group of the services (section 4).

    Attributes:
        min_size: Minimum number of instances; likewise `max_size` and `desired_capacity`.
        cpu_target: Average CPU use that scaling aims at, in percent.
        root_volume_gib: Size of the encrypted gp3 root volume.
    """

    instance_type: str = "t3.small"
    min_size: int
    max_size: int
    desired_capacity: int
    cpu_target: int = 60
    root_volume_gib: int = 30


class Monitoring(Settings):
    """The single instance of Prometheus and Grafana (section 4).

    Attributes:
        root_volume_gib: Size of the encrypted gp3 root volume, which is replaced with its instance.
        data_volume_gib: Size of the data volume: metrics, and Grafana's database. It is kept when the instance is
            replaced. It cannot shrink.
        zone: Letter of the zone of the instance and its data volume. A change creates a new, empty volume.
    """

    instance_type: str = "t3.small"
    root_volume_gib: int = 30
    data_volume_gib: int = 20
    zone: str = "d"


class ExternalDatabase(Settings):
    """An external PostgreSQL, as documented: only its subnet group and security group are created (section 5)."""

    mode: Literal["external"] = "external"


class ManagedDatabase(Settings):
    """A PostgreSQL that Terraform creates (section 5).

    Attributes:
        allocated_storage_gib: Initial storage. RDS enlarges it up to `max_allocated_storage_gib`.
        backup_retention_days: Days that automated backups are kept, 1 to 35.
        zone: Letter of the zone of the new instance. With `enable_multi_az`, RDS chooses both zones.
    """

    mode: Literal["managed"] = "managed"
    engine_version: str = "17"
    instance_class: str = "db.t3.micro"
    allocated_storage_gib: int = 20
    max_allocated_storage_gib: int = 100
    backup_retention_days: int = 14
    zone: str = "a"


Database = Annotated[ExternalDatabase | ManagedDatabase, Field(discriminator="mode")]


class Cache(Settings):
    """Redis (section 6).

    Attributes:
        nodes: Number of nodes: the primary and its replicas. Defaults to 1, or to 2 with `enable_multi_az`.
        snapshot_retention_days: Days that daily snapshots are kept.
        zones: Letters of the zones of new nodes: first the primary's, then the replicas'. Further nodes start again
            with the first zone.
    """

    node_type: str = "cache.t3.micro"
    nodes: int | None = None
    snapshot_retention_days: int = 7
    zones: tuple[str, ...] = ("c", "d", "a")


class Alerts(Settings):
    """Alarms and their recipients (section 4; ADR 0059).

    Attributes:
        emails: Addresses that get every alert, after each has confirmed AWS's mail.
        database_connections: Limit of the alarm on database connections. RDS allows about 110 for each GiB of memory of
            the instance.
    """

    emails: tuple[str, ...]
    database_connections: int = 60


class Backups(Settings):
    """Backups of the database and of monitoring's data by AWS Backup, in addition to their own.

    0.095 USD a month for each GiB of the database that changed, 0.05 USD for each of the volume: about 3 to 6 USD.

    Attributes:
        retention_days: Days that a daily backup is kept. In a protected environment, it cannot be deleted before.
    """

    retention_days: int = 35


class GithubDeploy(Settings):
    """GitHub workflows that may assume the environment's deploy role (section 9).

    A workflow of the organisation must match every field. No workflow may match two environments.

    Attributes:
        branch: The branch of the workflow. Tags and pull requests of that name do not match. Defaults to
            `deploy-<env>`, unless `environment` or `every_workflow_of_the_organisation` is set.
        environment: The GitHub environment of the job, in lower case. Without `branch`, only the environment's own
            protection rules limit the branch.
        repositories: Names without the organisation. Defaults to every repository of the organisation.
        every_workflow_of_the_organisation: Trusts any branch, tag and pull request of every repository, as the
            document's policy does. Every synthesis prints a warning.
    """

    branch: str | None = None
    environment: str | None = None
    repositories: tuple[str, ...] = (EVERY_REPOSITORY,)
    every_workflow_of_the_organisation: bool = False


class Environment(Settings):
    """One environment.

    Attributes:
        name: A short lower-case word, part of nearly every physical name. A change creates everything again.
        may_be_destroyed: False adds deletion protection, `prevent_destroy` and final snapshots to stateful resources.
        enable_multi_az: The document's switch: turns on Multi-AZ of the managed database and of Redis.
        deployment: How CodeDeploy replaces a version (section 7). With `blue_green`, CodeDeploy's own launch hooks
            install on new instances, and a broken revision of one service terminates them (ADR 56).
        github_deploy: Workflows that may deploy. Defaults to those of the branch `deploy-<env>`.
        operating_system: Operating system of every instance.
        max_instance_lifetime_days: 14 to 365. Auto Scaling replaces older instances, with the newest image.
        generated_secrets_version: Raise it by one to generate all of `generated_secrets` again. Redis' AUTH token is
            not among them: an operator rotates it.
        rotated_secrets: Path of one of `generated_secrets` → how often it was rotated alone. Raise it by one to
            generate the secret again. Keep the entry: its removal would also generate the secret again.
        log_retention_days: Of every log group, and of access logs in S3.
        backups: Backups by AWS Backup; None creates only those of RDS and ElastiCache.
        alerts: Alarms and their recipients; None creates no alarm and costs nothing.
    """

    name: str
    may_be_destroyed: bool
    enable_multi_az: bool
    network: Network
    site: Endpoint
    api: Endpoint
    backend: Backend
    monitoring: Monitoring = Monitoring()
    services: tuple[Service, ...] = (USER_SERVICE, BOARD_SERVICE)
    grafana: Route = GRAFANA
    database: Database
    cache: Cache = Cache()
    deployment: Literal["in_place", "blue_green"] = "in_place"
    github_deploy: GithubDeploy = GithubDeploy()
    operating_system: Literal["amazon_linux_2", "al2023"] = "amazon_linux_2"
    max_instance_lifetime_days: int = 30
    generated_secrets_version: int = 1
    rotated_secrets: dict[str, int] = Field(default_factory=dict)
    log_retention_days: int = 365
    backups: Backups | None = None
    alerts: Alerts | None = None

    @property
    def names(self) -> Names:
        """The physical names of its resources."""
        return Names(self.name)

    @property
    def tags(self) -> dict[str, str]:
        """The tags of every resource. Constructs set them where the provider's default tags do not apply."""
        return default_tags(self.name)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of the load balancer: the services, then Grafana."""
        return (*self.services, self.grafana)

    @property
    def backend_grace_seconds(self) -> int:
        """Health check grace period of a backend instance: its boot, and the start of its slowest service."""
        return BOOT_SECONDS + max(service.healthy_within_seconds for service in self.services)

    @property
    def install_seconds(self) -> int:
        """Time limit for a new instance to install its services, which it does concurrently."""
        return max(service.install_seconds for service in self.services)

    @property
    def launch_seconds(self) -> int:
        """Time that Auto Scaling waits for a new backend instance before it terminates the instance."""
        return BOOT_SECONDS + self.install_seconds

    @property
    def cache_nodes(self) -> int:
        """Number of Redis nodes, including the primary."""
        return self.cache.nodes or (2 if self.enable_multi_az else 1)

    @property
    def generated_secrets(self) -> dict[str, int]:
        """Secrets that Terraform generates: path below `/wealist/<env>/` → version. A new version is a new secret."""
        passwords = [parameters.db_password(service) for service in self.services]
        return {
            path: self.generated_secrets_version + self.rotated_secrets.get(path, 0)
            for path in [*passwords, parameters.JWT_SECRET]
        }

    @property
    def deploy_branch(self) -> str | None:
        """The branch that may deploy; None if the settings limit the deploy role by something else."""
        chosen = self.github_deploy
        limited = chosen.environment is not None or chosen.every_workflow_of_the_organisation
        return chosen.branch or (None if limited else f"deploy-{self.name}")

    @property
    def deploy_claims(self) -> dict[str, tuple[str, ...]]:
        """Claims that a workflow's token needs to assume the deploy role: claim → allowed values.

        In addition, the token needs the subject of the organisation and the audience of AWS.
        """
        chosen = self.github_deploy
        owners = (GITHUB_ORGANISATION, GITHUB_ORGANISATION.lower())
        named = () if EVERY_REPOSITORY in chosen.repositories else chosen.repositories
        claims = {
            "ref": (f"refs/heads/{self.deploy_branch}",) if self.deploy_branch else (),
            "environment": (chosen.environment,) if chosen.environment else (),
            "repository": tuple(f"{owner}/{repository}" for repository in named for owner in owners),
        }
        return {claim: values for claim, values in claims.items() if values}

    @property
    def warnings(self) -> list[str]:
        """Warnings about valid but risky values, which every synthesis prints."""
        warnings = []
        if self.operating_system == "amazon_linux_2":
            end = "Amazon Linux 2 gets no security updates since 2026-06-30"
            warnings.append(f'{self.name}: {end}; operating_system="al2023" is its successor')
        if self.deployment == "blue_green" and len(self.services) > 1:
            names = ", ".join(service.full_name for service in self.services)
            why = f"CodeDeploy ends each new instance on which the last revision of one of {names} fails"
            warnings.append(f'{self.name}: with deployment="blue_green" {why}; "in_place" keeps the others (ADR 56)')
        if not self.deploy_claims:
            role = self.names("github-actions-role")
            who = f"any branch, tag or pull request of any repository of {GITHUB_ORGANISATION} may take {role}"
            setting = "github_deploy.every_workflow_of_the_organisation"
            warnings.append(
                f'{self.name}: {who}, as {setting} says; GithubDeploy(branch="deploy-{self.name}") binds it'
            )
        elif self.deploy_claims.keys() == {"environment"}:
            named = f"the GitHub environment {self.github_deploy.environment!r}"
            who = f"any repository of {GITHUB_ORGANISATION} may make {named} without protection, and deploy"
            warnings.append(f"{self.name}: {who}; name the repositories in github_deploy, or a branch beside it")
        return warnings


CERTIFICATE_REGIONS = {"site": CDN_CERTIFICATE_REGION, "api": REGION}
"""Endpoint → region of its certificate."""
