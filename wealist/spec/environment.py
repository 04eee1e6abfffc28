"""What an environment is: the settings an operator chooses, and nothing of how they are built.

Types are checked when the values are written down; everything that relates values to each other, to AWS's
limits or to the rest of the system is a rule of `wealist.spec.rules`, so that all problems are reported at once.
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
    """Section 2.

    Attributes:
        cidr: the VPC's block.
        zones: letters of the Availability Zones that have subnets, in the order that numbers the subnets; two at least.
            The load balancer and the backend use all of them.
        custom_subnets: the blocks of each zone, where they differ from the pattern of `subnets.lay_out`.
        nat: one NAT gateway, as documented, or one in each zone.
        nat_zone: where the single NAT gateway stands. Defaults to the first zone, as documented.
        endpoint_zones: where the interface endpoints have an address, which costs by the hour; instances of other zones
            use them too. Defaults to every zone.
    """

    cidr: str
    zones: tuple[str, ...] = ("a", "c", "d")
    custom_subnets: SubnetLayout | None = None
    nat: Literal["single", "per_zone"] = "single"
    nat_zone: str | None = None
    endpoint_zones: tuple[str, ...] | None = None

    @property
    def subnets(self) -> SubnetLayout:
        """The subnets as built.

        Raises:
            ValueError: the block is too small for the pattern.
        """
        return self.custom_subnets or lay_out(self.cidr, self.zones)


class Endpoint(Settings):
    """A public name that answers HTTPS: the site (section 3) or the API (section 4).

    Attributes:
        domain: its DNS name, inside the hosted zone.
        certificate_arn: an existing ACM certificate; without one, one is made and validated by DNS.
    """

    domain: str
    certificate_arn: str | None = None


class Backend(Settings):
    """The Auto Scaling group of the services (section 4).

    Attributes:
        min_size: instances at least; likewise `max_size` and `desired_capacity`.
        cpu_target: the average CPU use in percent that scaling aims at.
        root_volume_gib: size of the encrypted gp3 root volume.
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
        root_volume_gib: size of the encrypted gp3 root volume, which is replaced with its instance.
        data_volume_gib: size of the volume that outlives the instance: metrics, and Grafana's database. It can grow,
            and never shrink.
        zone: letter of the zone of the instance and of that volume, which cannot move: another zone makes an empty one.
    """

    instance_type: str = "t3.small"
    root_volume_gib: int = 30
    data_volume_gib: int = 20
    zone: str = "d"


class ExternalDatabase(Settings):
    """PostgreSQL made by hand, as documented: only its subnet group and security group are built (section 5)."""

    mode: Literal["external"] = "external"


class ManagedDatabase(Settings):
    """PostgreSQL made here (section 5).

    Attributes:
        allocated_storage_gib: at first; storage grows by itself to `max_allocated_storage_gib`.
        backup_retention_days: automated backups, 1 to 35.
        zone: letter of the zone that the instance is created in. With `enable_multi_az`, RDS chooses both zones.
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
        nodes: the primary and its replicas; the environment's `enable_multi_az` chooses 1 or 2 where this is None.
        snapshot_retention_days: daily snapshots kept.
        zones: letters of the zones that nodes are created in: the primary's, the first replica's, and so on. More nodes
            than zones begin with the first zone again.
    """

    node_type: str = "cache.t3.micro"
    nodes: int | None = None
    snapshot_retention_days: int = 7
    zones: tuple[str, ...] = ("c", "d", "a")


class Alerts(Settings):
    """Who is told when something fails, and of what (section 4; ADR 0059).

    Attributes:
        emails: addresses that get every alert, once each has confirmed the mail that AWS sends it.
        database_connections: connections to the database above which its limit is near. RDS allows about 110 for each
            GiB of its machine's memory.
    """

    emails: tuple[str, ...]
    database_connections: int = 60


class Backups(Settings):
    """What AWS Backup keeps of the database and of monitoring's data, beside their own backups.

    0.095 USD a month for each GiB of the database that changed, 0.05 USD for each of the volume: about 3 to 6 USD.

    Attributes:
        retention_days: how long a daily backup is kept; where nothing may be destroyed, nobody deletes it before.
    """

    retention_days: int = 35


class GithubDeploy(Settings):
    """Which workflows on GitHub may take the environment's deploy role (section 9).

    Every field narrows the organisation, and all of them must hold. Two environments may not trust the same workflow.

    Attributes:
        branch: the only branch whose workflows may; a tag or a pull request of its name is none. Defaults to
            `deploy-<env>`, unless another field says what the role is bound to.
        environment: the GitHub environment whose jobs may, in lower case. Alone, it leaves the branch to the
            environment's own protection.
        repositories: names without the organisation. Defaults to every repository of the organisation.
        every_workflow_of_the_organisation: trust any branch, tag and pull request of every repository, as the
            document's own policy does. Warns at every synthesis.
    """

    branch: str | None = None
    environment: str | None = None
    repositories: tuple[str, ...] = (EVERY_REPOSITORY,)
    every_workflow_of_the_organisation: bool = False


class Environment(Settings):
    """One whole environment.

    Attributes:
        name: short, lower-case: part of nearly every physical name.
        may_be_destroyed: False puts deletion protection, `prevent_destroy` and final snapshots on everything stateful.
        enable_multi_az: the document's single switch: drives the managed database and Redis together.
        deployment: how CodeDeploy replaces a version (section 7). With `blue_green`, its own launch hooks install on
            new instances, and one service's broken revision ends them (ADR 56).
        github_deploy: which workflows may deploy; by default, those of the branch `deploy-<env>`.
        operating_system: of every instance.
        max_instance_lifetime_days: 14 to 365. Auto Scaling replaces an older instance by one of the newest image.
        generated_secrets_version: raise it by one to have every one of `generated_secrets` made anew. Redis' AUTH
            token is none of them: an operator rotates it.
        rotated_secrets: how often one of `generated_secrets` was made anew by itself; raised by one, it is once more.
            An entry stays: taking it out would make the secret anew, too.
        log_retention_days: of every log group, and of access logs in S3.
        backups: what AWS Backup keeps; None makes no backups beside those of RDS and ElastiCache.
        alerts: who is told when something fails; None makes no alarm and costs nothing.
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
        """The physical names of what it is made of."""
        return Names(self.name)

    @property
    def tags(self) -> dict[str, str]:
        """What every resource is tagged with: by the provider where it can, else by the construct."""
        return default_tags(self.name)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Everything behind the load balancer: the services, then Grafana."""
        return (*self.services, self.grafana)

    @property
    def backend_grace_seconds(self) -> int:
        """How long a new backend instance may be unhealthy: its boot, and its slowest service."""
        return BOOT_SECONDS + max(service.healthy_within_seconds for service in self.services)

    @property
    def install_seconds(self) -> int:
        """How long a new instance may take to install its services, all at once."""
        return max(service.install_seconds for service in self.services)

    @property
    def launch_seconds(self) -> int:
        """How long Auto Scaling waits for a new backend instance before it gives the instance up."""
        return BOOT_SECONDS + self.install_seconds

    @property
    def cache_nodes(self) -> int:
        """Nodes of Redis, the primary included."""
        return self.cache.nodes or (2 if self.enable_multi_az else 1)

    @property
    def generated_secrets(self) -> dict[str, int]:
        """What Terraform makes itself: path below `/wealist/<env>/` → version; another version is another secret."""
        passwords = [parameters.db_password(service) for service in self.services]
        return {
            path: self.generated_secrets_version + self.rotated_secrets.get(path, 0)
            for path in [*passwords, parameters.JWT_SECRET]
        }

    @property
    def deploy_branch(self) -> str | None:
        """The only branch that may deploy; None where the deploy role is bound to something else."""
        chosen = self.github_deploy
        bound = chosen.environment is not None or chosen.every_workflow_of_the_organisation
        return chosen.branch or (None if bound else f"deploy-{self.name}")

    @property
    def deploy_claims(self) -> dict[str, tuple[str, ...]]:
        """What a workflow's token must claim to take the deploy role: claim → the values of which it has one.

        The subject and the audience come on top: they tell the organisation, and that the token is meant for AWS.
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
        """What is allowed, and should be known at every synthesis."""
        found = []
        if self.operating_system == "amazon_linux_2":
            end = "Amazon Linux 2 gets no security updates since 2026-06-30"
            found.append(f'{self.name}: {end}; operating_system="al2023" is its successor')
        if self.deployment == "blue_green" and len(self.services) > 1:
            names = ", ".join(service.full_name for service in self.services)
            why = f"CodeDeploy ends each new instance on which the last revision of one of {names} fails"
            found.append(f'{self.name}: with deployment="blue_green" {why}; "in_place" keeps the others (ADR 56)')
        if not self.deploy_claims:
            role = self.names("github-actions-role")
            who = f"any branch, tag or pull request of any repository of {GITHUB_ORGANISATION} may take {role}"
            setting = "github_deploy.every_workflow_of_the_organisation"
            found.append(f'{self.name}: {who}, as {setting} says; GithubDeploy(branch="deploy-{self.name}") binds it')
        elif self.deploy_claims.keys() == {"environment"}:
            named = f"the GitHub environment {self.github_deploy.environment!r}"
            who = f"any repository of {GITHUB_ORGANISATION} may make {named} without protection, and deploy"
            found.append(f"{self.name}: {who}; name the repositories in github_deploy, or a branch beside it")
        return found


CERTIFICATE_REGIONS = {"site": CDN_CERTIFICATE_REGION, "api": REGION}
"""Where the certificate of each endpoint must live."""
