"""Parameters in SSM Parameter Store, which instances read at their start (architecture, sections 4 and 5).

    /wealist/<env>/db/…     set by Terraform, or by the operator; owners' passwords are generated
                  /cache/…  from the replication group; the AUTH token is generated
                  /oauth/…  set by the operator
                  /jwt/…    generated

Secrets are write-only arguments, so they appear neither in code nor in JSON, plans or states. The exception is Redis'
AUTH token: it is read back, which stores it in the state (see `cache.py`).
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
    """The environment's parameters, to which other constructs add theirs.

    Attributes:
        all: Every parameter so far.
    """

    def __init__(self, scope: Construct, id_: str, *, config: Environment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        self._config = config
        self._names = config.names
        self._encryption = encryption
        self._protected = not config.may_be_destroyed or None
        self.all: list[SsmParameter] = []
        self.set_by_terraform(paths.DB_PORT, str(POSTGRESQL_PORT), "PostgreSQL's port")
        for service in config.services:
            self.set_by_terraform(
                paths.db_name(service), service.database_name, f"Database of the {service.name} service"
            )
            self.set_by_terraform(paths.db_user(service), service.database_user, f"Owner of {service.database_name}")
            self._generated(paths.db_password(service), f"Password of {service.database_user}")
        self.set_by_operator(paths.GOOGLE_CLIENT_ID, "Google OAuth client", secret=True)
        self.set_by_operator(paths.GOOGLE_CLIENT_SECRET, "Google OAuth client's secret", secret=True)
        self._generated(paths.JWT_SECRET, "Signs the JSON web tokens of the user service")

    def set_by_terraform(self, path: str, value: str, description: str, *, protected: bool = False) -> SsmParameter:
        """Create a parameter whose value Terraform sets.

        Args:
            path: Path below `/wealist/<env>/`.
            value: Its value.
            description: Its description.
            protected: Prevent its destruction in a protected environment, because another setting lets an operator
                set the same parameter.
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
        self.all.append(parameter)
        return parameter

    def set_by_operator(self, path: str, description: str, *, secret: bool) -> SsmParameter:
        """Create a parameter that an operator sets. Terraform writes a placeholder once and ignores later values."""
        return self._write_only(
            path, description, value=paths.PLACEHOLDER, version=1, secret=secret, ignore_changes="all"
        )

    def generated_once(self, path: str, description: str, *, length: int) -> SsmParameter:
        """Create a parameter with a generated secret, which an operator may replace.

        Terraform ignores later changes of the parameter. A parameter that was created with the argument `value`
        therefore keeps its secret.
        """
        generated = self._password(path, length)
        return self._write_only(path, description, value=generated, version=1, secret=True, ignore_changes="all")

    def _generated(self, path: str, description: str) -> SsmParameter:
        """Create a parameter with a generated secret, which a higher version replaces."""
        generated = self._password(path, _PASSWORD_LENGTH)
        version = self._config.generated_secrets[path]
        return self._write_only(path, description, value=generated, version=version, secret=True)

    def _password(self, path: str, length: int) -> str:
        """Return an expression of a password that Secrets Manager generates, and that Terraform does not store."""
        id_ = f"{self.node.id}_{self._id(path)}".replace("-", "_")
        # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/ephemeral-resources/secretsmanager_random_password
        stack_of(self).add_ephemeral(
            _EPHEMERAL_PASSWORD,
            id_,
            # Punctuation would need quoting in environment files, connection strings and SQL.
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
            # The value is stored nowhere else.
            lifecycle=TerraformResourceLifecycle(ignore_changes=ignore_changes, prevent_destroy=self._protected),
        )
        self.all.append(parameter)
        return parameter

    @staticmethod
    def _id(path: str) -> str:
        return path.replace("/", "-").replace("_", "-")
