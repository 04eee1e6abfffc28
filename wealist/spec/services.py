"""The backend services and their contract with the load balancer, the database and monitoring (sections 4, 5)."""

from typing import Final

from wealist.spec.settings import Settings

HTTP_PORT: Final = 80
HTTPS_PORT: Final = 443
POSTGRESQL_PORT: Final = 5432
DATABASE_MASTER_USER: Final = "wealist"
"""Who a managed database is made for: makes the databases and their owners, and nothing uses it afterwards."""
REDIS_PORT: Final = 6379
NODE_EXPORTER_PORT: Final = 9100
"""Where every instance shows its CPU, memory and disks to Prometheus.

https://github.com/prometheus/prometheus/wiki/Default-port-allocations
"""


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


class Service(Route):
    """One of our own applications: a route with an image, a deployment and a database.

    Attributes:
        metrics_path: where Prometheus scrapes it.
        database_name: its PostgreSQL database.
        database_user: the owner of that database.
    """

    metrics_path: str
    database_name: str
    database_user: str

    @property
    def full_name(self) -> str:
        """The name of its image repository and deployment: `user-service`."""
        return f"{self.name}-service"


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
