"""The backend services: ports, paths, timeouts and databases (sections 4 and 5)."""

import re
from typing import Final

from wealist.spec.globs import overlap
from wealist.spec.settings import Settings

HTTP_PORT: Final = 80
HTTPS_PORT: Final = 443
POSTGRESQL_PORT: Final = 5432
DATABASE_FAILOVER_SECONDS: Final = 120
"""Longest time that the database is unavailable during a failover (section 5)."""
DATABASE_MASTER_USER: Final = "wealist"
"""User that creates the databases and their owners. Services do not use it."""
REDIS_PORT: Final = 6379
NODE_EXPORTER_PORT: Final = 9100
"""Port on which every instance serves metrics of its CPU, memory and disks.

https://github.com/prometheus/prometheus/wiki/Default-port-allocations
"""
ACTUATOR: Final = "actuator"
"""Path segment of Spring Boot's health, metrics, environment and heap dumps.

https://docs.spring.io/spring-boot/reference/actuator/endpoints.html
"""
BOOT_SECONDS: Final = 600
"""Time limit of an instance's first start, which installs Docker and pulls images."""
_SCRIPT_SECONDS: Final = {"ApplicationStop": 120, "BeforeInstall": 180, "AfterInstall": 300, "ApplicationStart": 900}
"""Hook → time limit of its script, in the order of the hooks. ValidateService depends on the service."""
_VALIDATION_MARGIN_SECONDS: Final = 60
"""Time for a last health check, and for printing the log of an unhealthy service."""


class Route(Settings):
    """A target on the instances behind the load balancer.

    Attributes:
        name: Short name, used in resource names and addresses: `user`, `board`, `monitoring`.
        port: TCP port on the instance.
        path_pattern: Path condition of the listener rule.
        priority: Priority of the listener rule. The lowest number is evaluated first.
        health_path: Path that answers 200 if the target is healthy.
    """

    name: str
    port: int
    path_pattern: str
    priority: int
    health_path: str

    @property
    def target_health_path(self) -> str:
        """The path of the load balancer's health check. An instance that does not answer 200 is replaced."""
        return self.health_path


class Service(Route):
    """A backend service: a route with an image, a deployment and a database.

    A deployment checks the health path, which may depend on the database and Redis.

    Attributes:
        metrics_path: Path that Prometheus scrapes. Never public. If it or a health path belongs to Spring's Actuator,
            all of Actuator is internal.
        liveness_path: Path that answers 200 while the process works, even if the database or Redis is unavailable. The
            load balancer checks it. Defaults to the health path (ADR 0057).
        internal_paths: Further paths that only instances may call. Each includes all paths that begin like it.
        health_is_public: Whether clients may call health paths outside Actuator.
        start_seconds: Time that a deployment waits before its first health check (section 7).
        healthy_within_seconds: Time limit, from the start of the service, after which a deployment fails.
        database_name: Name of its PostgreSQL database.
        database_user: Owner of that database.
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
        """Name of its image repository and deployment: `user-service`."""
        return f"{self.name}-service"

    @property
    def target_health_path(self) -> str:
        """The path of the load balancer's health check."""
        return self.liveness_path or self.health_path

    @property
    def health_paths(self) -> tuple[str, ...]:
        """The paths that a deployment and the load balancer check, each once."""
        return tuple(dict.fromkeys((self.health_path, self.target_health_path)))

    @property
    def hook_seconds(self) -> dict[str, int]:
        """Hook of the bundle → its time limit in seconds, in the order of the hooks."""
        return {**_SCRIPT_SECONDS, "ValidateService": self.healthy_within_seconds + _VALIDATION_MARGIN_SECONDS}

    @property
    def deployment_seconds(self) -> int:
        """Time limit of a deployment on one instance."""
        return sum(self.hook_seconds.values())

    @property
    def install_seconds(self) -> int:
        """Time limit for a new instance to install the last revision, with up to three waits for its health."""
        return self.deployment_seconds + 2 * self.healthy_within_seconds

    @property
    def runs_actuator(self) -> bool:
        """Whether one of its paths belongs to Spring's Actuator."""
        return any(map(_is_actuator, (self.metrics_path, *self.health_paths, *self.internal_paths)))

    @property
    def internal(self) -> tuple[str, ...]:
        """Paths outside Actuator that only instances may call."""
        health = () if self.health_is_public else self.health_paths
        paths = dict.fromkeys((self.metrics_path, *health, *self.internal_paths))
        return tuple(path for path in paths if not _is_actuator(path))

    @property
    def public_prefix(self) -> str:
        """Common prefix of all forwarded paths: `/api/users/`."""
        return re.split(r"[*?]", self.path_pattern, maxsplit=1)[0]

    @property
    def closed_patterns(self) -> tuple[str, ...]:
        """Patterns of internal paths that its route would forward, and that a closing rule answers instead.

        Spring's servers resolve `//`, `/./`, `/../` and `;parameters`, so any path that contains the word may lead to
        Actuator.
        """
        actuator = (f"{self.public_prefix}*{ACTUATOR}*",) if self.runs_actuator else ()
        return (*actuator, *filter(None, map(self.closing, self.internal)))

    def closing(self, path: str) -> str | None:
        """Return the pattern that closes an internal path; None if the route does not forward the path."""
        forwarded = any(overlap(self.path_pattern, each) for each in (path, f"{path}/*"))
        return f"{path.rstrip('/')}*" if forwarded else None

    @property
    def closing_priority(self) -> int:
        """Priority of the closing rule, which is evaluated just before the rule of the route."""
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
    # A Go program starts at once.
    healthy_within_seconds=60,
    database_name="wealist_board_db",
    database_user="board_service",
)
GRAFANA: Final = Route(
    name="monitoring",
    port=3001,
    path_pattern="/monitoring/*",
    priority=30,
    # Grafana serves its health below its sub-path.
    health_path="/monitoring/api/health",
)
