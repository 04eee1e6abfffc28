"""The owners' passwords, as Terraform put them into SSM: `/wealist/<env>/db/<service>_db_password`."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from wealist.errors import OperatorError
from wealist.operations.aws import clients
from wealist.spec import parameters as paths
from wealist.spec.account import ACCOUNT_ID
from wealist.spec.environment import Environment


def read_passwords(config: Environment, environ: Mapping[str, str]) -> dict[str, str]:
    """Each owner's password, by the name of the role.

    Args:
        config: The environment whose services own the databases.
        environ: The environment variables that lead to AWS.

    Raises:
        OperatorError: the credentials are of another account, AWS refuses, or parameters are missing (all are named).
    """
    names = {service.database_user: config.names.parameter(paths.db_password(service)) for service in config.services}
    client = clients(environ)
    try:
        account = client("sts").get_caller_identity()["Account"]
        if account != ACCOUNT_ID:
            raise OperatorError(
                f"the credentials are of account {account}, and {config.name} is in {ACCOUNT_ID}",
                remedy=f"use credentials of account {ACCOUNT_ID}: `aws sts get-caller-identity` shows whose they are",
            )
        ssm = client("ssm")
        # One by one: `GetParameters` takes ten names at most, and there may be more services.
        found = {owner: _read(ssm, name) for owner, name in names.items()}
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS does not give the passwords of {config.name}: {error}",
            remedy=f"use credentials of account {ACCOUNT_ID} that may read "
            f"{config.names.parameter('db/*')} and decrypt with alias/{config.names.environment_prefix}",
        ) from None
    if missing := [names[owner] for owner, password in found.items() if password is None]:
        raise OperatorError(
            f"there is no parameter {', nor '.join(missing)}",
            remedy=f"run `terraform apply` for {config.name} first: it makes the passwords",
        )
    return {owner: password for owner, password in found.items() if password is not None}


def _read(ssm: Any, name: str) -> str | None:  # noqa: ANN401  a boto3 client
    """A parameter's value, or None where there is no such parameter."""
    try:
        return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return None
