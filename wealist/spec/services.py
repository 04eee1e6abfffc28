"""The backend services and their contract with the load balancer, the database and monitoring (sections 4, 5)."""

import re
from typing import Final

from wealist.spec.globs import overlap
from wealist.spec.settings import Settings

HTTP_PORT: Final = 80
HTTPS_PORT: Final = 443
POSTGRESQL_PORT: Final = 5432
DATABASE_FAILOVER_SECONDS: Final = 120
"""How long the database answers nothing at most while it fails over (section 5)."""
DATABASE_MASTER_USER: Final = "wealist"
"""Who a managed database is made for: makes the databases and their owners, and nothing uses it afterwards."""
REDIS_PORT: Final = 6379
NODE_EXPORTER_PORT: Final = 9100
"""Where every instance shows its CPU, memory and disks to Prometheus.

https://github.com/prometheus/prometheus/wiki/Default-port-allocations
"""
ACTUATOR: Final = "actuator"
"""The path segment below which Spring Boot serves health, metrics, its environment and heap dumps.

https://docs.spring.io/spring-boot/reference/actuator/endpoints.html
"""
BOOT_SECONDS: Final = 600
"""How long an instance's first start may take: it installs Docker and fetches images."""
_SCRIPT_SECONDS: Final = {"ApplicationStop": 120, "BeforeInstall": 180, "AfterInstall": 300, "ApplicationStart": 900}
"""How long CodeDeploy lets a bundle's scripts run that do not wait for the service: hook → seconds, in their order."""
_VALIDATION_MARGIN_SECONDS: Final = 60
"""For a last question, and for the log of a service that is not healthy."""


class Route(Settings):
    """Something that listens on the instances behind the load balancer.

    Attributes:
        name: short name, used in resource names and addresses: `user`, `board`, `monitoring`.
        port: TCP port on the instance.
        path_pattern: the load balancer's path condition.
        priority: the listener rule's priority; lower is matched first.
        health_path: answers 200 when healthy.
    """

    name: str
    port: int
    path_pattern: str
    priority: int
    health_path: str

    @property
    def target_health_path(self) -> str:
        """The path that the load balancer asks: an instance that does not answer 200 there is replaced."""
        return self.health_path


class Service(Route):
    """One of our own applications: a route with an image, a deployment and a database.

    A deployment asks the health path, which may include the database and Redis.

    Attributes:
        metrics_path: where Prometheus scrapes it. Never public; where it or a health path is of Spring's Actuator,
            nothing of Actuator is.
        liveness_path: answers 200 while the process works, whatever becomes of the database and Redis. The load
            balancer asks it; without one, the health path (ADR 0057).
        internal_paths: what else only instances may call, each path with everything that begins like it.
        health_is_public: whether clients may ask health paths outside of Actuator too.
        start_seconds: how long a deployment waits before it first asks the health path (section 7).
        healthy_within_seconds: how long the service may take to be healthy, from its start; a deployment fails then.
        database_name: its PostgreSQL database.
        database_user: the owner of that database.
    """

    metrics_path: str
    liveness_path: str | None = None
    internal_paths: tuple[str, ...] = ()
    health_is_public: bool = True
    start_seconds: int = 30
    healthy_within_seconds: int = 180
    database_name: str
    database_user: str

    @property
    def full_name(self) -> str:
        """The name of its image repository and deployment: `user-service`."""
        return f"{self.name}-service"

    @property
    def target_health_path(self) -> str:
        """The path that the load balancer asks."""
        return self.liveness_path or self.health_path

    @property
    def health_paths(self) -> tuple[str, ...]:
        """The paths that a deployment and the load balancer ask, each once."""
        return tuple(dict.fromkeys((self.health_path, self.target_health_path)))

    @property
    def hook_seconds(self) -> dict[str, int]:
        """How long CodeDeploy lets each hook of the bundle run: hook → seconds, in their order."""
        return {**_SCRIPT_SECONDS, "ValidateService": self.healthy_within_seconds + _VALIDATION_MARGIN_SECONDS}

    @property
    def deployment_seconds(self) -> int:
        """How long the hooks of a deployment take on one instance at most."""
        return sum(self.hook_seconds.values())

    @property
    def install_seconds(self) -> int:
        """How long a new instance may take to install its last revision, whose health it asks for three times."""
        return self.deployment_seconds + 2 * self.healthy_within_seconds

    @property
    def runs_actuator(self) -> bool:
        """Whether one of its paths is of Spring's Actuator."""
        return any(map(_is_actuator, (self.metrics_path, *self.health_paths, *self.internal_paths)))

    @property
    def internal(self) -> tuple[str, ...]:
        """The paths outside of Actuator that only instances may call."""
        health = () if self.health_is_public else self.health_paths
        paths = dict.fromkeys((self.metrics_path, *health, *self.internal_paths))
        return tuple(path for path in paths if not _is_actuator(path))

    @property
    def public_prefix(self) -> str:
        """What every path begins with that the load balancer forwards to it: `/api/users/`."""
        return re.split(r"[*?]", self.path_pattern, maxsplit=1)[0]

    @property
    def closed_patterns(self) -> tuple[str, ...]:
        """Patterns of the internal paths that its route would forward.

        Spring's servers resolve `//`, `/./`, `/../` and `;parameters`: a path that holds the word anywhere may be
        Actuator's.
        """
        actuator = (f"{self.public_prefix}*{ACTUATOR}*",) if self.runs_actuator else ()
        return (*actuator, *filter(None, map(self.closing, self.internal)))

    def closing(self, path: str) -> str | None:
        """The pattern that closes an internal path outside of Actuator; None where the route does not forward it."""
        forwarded = any(overlap(self.path_pattern, each) for each in (path, f"{path}/*"))
        return f"{path.rstrip('/')}*" if forwarded else None

    @property
    def closing_priority(self) -> int:
        """Of the listener rule that closes them: matched just before the one that forwards."""
        return self.priority - 1


def _is_actuator(path: str) -> bool:
    return ACTUATOR in path.split("/")


USER_SERVICE: Final = Service(
    name="user",
    port=8080,
    path_pattern="/api/users/*",
    priority=10,
    health_path="/api/users/actuator/health",
    metrics_path="/api/users/actuator/prometheus",
    database_name="wealist_user_db",
    database_user="user_service",
)
BOARD_SERVICE: Final = Service(
    name="board",
    port=8000,
    path_pattern="/api/boards/*",
    priority=20,
    health_path="/api/boards/health",
    metrics_path="/api/boards/metrics",
    # A Go program is there at once.
    healthy_within_seconds=60,
    database_name="wealist_board_db",
    database_user="board_service",
)
GRAFANA: Final = Route(
    name="monitoring",
    port=3001,
    path_pattern="/monitoring/*",
    priority=30,
    # Grafana serves under the sub-path it is reached at.
    health_path="/monitoring/api/health",
)
