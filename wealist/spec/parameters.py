"""Paths of the parameters that instances read from SSM, and the variables of services (sections 4 and 5).

    /wealist/<env>/db/endpoint ──► DB_HOST ──► the container of a service

The constructs write these parameters, and the deployment bundle reads them.
"""

from typing import Final

from wealist.spec.services import Service

DB_ENDPOINT: Final = "db/endpoint"
DB_PORT: Final = "db/port"
REDIS_HOST: Final = "cache/redis_host"
REDIS_PORT: Final = "cache/redis_port"
REDIS_AUTH_TOKEN: Final = "cache/redis_auth_token"  # noqa: S105  a path
GOOGLE_CLIENT_ID: Final = "oauth/google_client_id"
GOOGLE_CLIENT_SECRET: Final = "oauth/google_client_secret"  # noqa: S105  a path
JWT_SECRET: Final = "jwt/jwt_secret"  # noqa: S105  a path

PLACEHOLDER: Final = "unset"
"""Value of a parameter that an operator has not set yet. No service starts with it."""


def db_name(service: Service) -> str:
    """Return the path of a service's database name: `db/user_db_name`."""
    return f"db/{service.name}_db_name"


def db_user(service: Service) -> str:
    """Return the path of its database's owner."""
    return f"db/{service.name}_db_user"


def db_password(service: Service) -> str:
    """Return the path of that owner's password."""
    return f"db/{service.name}_db_password"


def variables(service: Service) -> dict[str, str]:
    """Return the environment variables of a service: name → path below `/wealist/<env>/`."""
    return {
        "DB_HOST": DB_ENDPOINT,
        "DB_PORT": DB_PORT,
        "DB_NAME": db_name(service),
        "DB_USER": db_user(service),
        "DB_PASSWORD": db_password(service),
        "REDIS_HOST": REDIS_HOST,
        "REDIS_PORT": REDIS_PORT,
        "REDIS_AUTH_TOKEN": REDIS_AUTH_TOKEN,
        "GOOGLE_CLIENT_ID": GOOGLE_CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": GOOGLE_CLIENT_SECRET,
        "JWT_SECRET": JWT_SECRET,
    }
