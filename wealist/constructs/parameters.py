"""What the instances read at start, from SSM Parameter Store (architecture, sections 4 and 5).

    /wealist/<env>/db/…     known here, or written by the operator; owners' passwords generated
                  /cache/…  from the replication group; the AUTH token generated
                  /oauth/…  written by the operator
                  /jwt/…    generated

A secret reaches SSM as a write-only argument, so that this file puts none into code, JSON, plan or state. Redis' AUTH
token alone is read back, which puts it into the state (see `cache.py`).
"""

from typing import Final, Literal

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from wealist.constructs.encryption import Encryption
from wealist.spec import parameters as paths
from wealist.spec.environment import Environment
from wealist.spec.services import POSTGRESQL_PORT
from wealist.toolkit.stack import stack_of

_PASSWORD_LENGTH: Final = 40
_EPHEMERAL_PASSWORD: Final = "aws_secretsmanager_random_password"  # noqa: S105  a resource type
SECURE: Final = "SecureString"


class Parameters(Construct):
    """The environment's parameters, but for those that another construct writes by `known`.

    Attributes:
        written: every parameter so far.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        self._config = config
        self._names = config.names
        self._encryption = encryption
        self._protected = not config.may_be_destroyed or None
        self.written: list[SsmParameter] = []
        self.known(paths.DB_PORT, str(POSTGRESQL_PORT), "PostgreSQL's port")
        for service in config.services:
            self.known(paths.db_name(service), service.database_name, f"Database of the {service.name} service")
            self.known(paths.db_user(service), service.database_user, f"Owner of {service.database_name}")
            self._generated(paths.db_password(service), f"Password of {service.database_user}")
        self.operators(paths.GOOGLE_CLIENT_ID, "Google OAuth client", secret=True)
        self.operators(paths.GOOGLE_CLIENT_SECRET, "Google OAuth client's secret", secret=True)
        self._generated(paths.JWT_SECRET, "Signs the JSON web tokens of the user service")

    def known(self, path: str, value: str, description: str, *, protected: bool = False) -> SsmParameter:
        """A parameter whose value Terraform knows and keeps.

        Args:
            path: Its name below the environment's.
            value: Its value.
            description: What it is.
            protected: Keep it from being destroyed where the environment is protected: another setting has an
                operator write the same parameter.
        """
        parameter = SsmParameter(
            self,
            self._id(path),
            name=self._names.parameter(path),
            type="String",
            value=value,
            description=description,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected and self._protected else None,
        )
        self.written.append(parameter)
        return parameter

    def operators(self, path: str, description: str, *, secret: bool) -> SsmParameter:
        """A parameter that the operator sets. Terraform writes a placeholder once, and leaves it alone."""
        return self._write_only(
            path, description, value=paths.PLACEHOLDER, version=1, secret=secret, ignore_changes="all"
        )

    def generated_once(self, path: str, description: str, *, length: int) -> SsmParameter:
        """A secret that Terraform generates when it creates the parameter, and that the operator may replace.

        Terraform ignores every change of the parameter afterwards. An environment whose parameter was created with
        another argument, `value`, therefore keeps its secret.
        """
        generated = self._password(path, length)
        return self._write_only(path, description, value=generated, version=1, secret=True, ignore_changes="all")

    def _generated(self, path: str, description: str) -> SsmParameter:
        """A secret that Terraform generates, and generates again for each higher version."""
        generated = self._password(path, _PASSWORD_LENGTH)
        version = self._config.generated_secrets[path]
        return self._write_only(path, description, value=generated, version=version, secret=True)

    def _password(self, path: str, length: int) -> str:
        """An expression: a password that Secrets Manager generates, and that exists only while Terraform runs."""
        id_ = f"{self.node.id}_{self._id(path)}".replace("-", "_")
        # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/ephemeral-resources/secretsmanager_random_password
        stack_of(self).add_ephemeral(
            _EPHEMERAL_PASSWORD,
            id_,
            # Punctuation would have to be quoted by every reader: environment files, connection strings, SQL.
            {"password_length": length, "exclude_punctuation": True},
        )
        return f"${{ephemeral.{_EPHEMERAL_PASSWORD}.{id_}.random_password}}"

    def _write_only(
        self,
        path: str,
        description: str,
        *,
        value: str,
        version: int,
        secret: bool,
        ignore_changes: Literal["all"] | None = None,
    ) -> SsmParameter:
        parameter = SsmParameter(
            self,
            self._id(path),
            name=self._names.parameter(path),
            type=SECURE if secret else "String",
            key_id=self._encryption.key.arn if secret else None,
            value_wo=value,
            value_wo_version=version,
            description=description,
            # The value exists nowhere else.
            lifecycle=TerraformResourceLifecycle(ignore_changes=ignore_changes, prevent_destroy=self._protected),
        )
        self.written.append(parameter)
        return parameter

    @staticmethod
    def _id(path: str) -> str:
        return path.replace("/", "-").replace("_", "-")
