"""Secrets where none may be, one fault each, and the control that must notice."""

import base64
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tests.guarded import Edit, Fault
from tests.unit.checks.faults.edits import add, put

# Put together here, so that no scanner of this repository takes them for somebody's.
AWS_KEY: Final = "AKIA" + "IOSFODNN7EXAMPLE"
AWS_SECRET: Final = "h4Qz9/Lw2nTf8Kd1+" + "Vx6Rb3YmJ0sPc7Ug5EaZi9t"
PRIVATE_KEY: Final = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA"
GITHUB: Final = "ghp_" + "a1B2c3D4e5F6a7B8c9D0a1B2c3D4e5F6a7B8"
JWT: Final = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N"
RANDOM: Final = "q7Xw2Lk9Zt4Vb8Nm1Rp6" + "Yc3Hd5Js0Gf7Qa2"
HEXADECIMAL: Final = "9f86d081884c7d659a2f" + "eaa0c55ad015"
_JWT_PARAMETER: Final = "aws_ssm_parameter.parameters_jwt_jwt_secret"
_TOKEN: Final = "data.aws_ssm_parameter.cache_auth_token.value"
_PASSWORD: Final = "ephemeral.aws_secretsmanager_random_password.parameters_db_user_db_password.random_password"
_REDIS: Final = "aws_elasticache_replication_group.cache_replication_group"

_USER_DATA: Final = base64.b64encode(b"#!/bin/sh\nexport DB_URL=postgresql://wealist:hunter22@db/wealist\n").decode()

_prod: Final = partial(Fault, stack="prod")
_dev: Final = partial(Fault, stack="dev")


def in_module(argument: str, value: object) -> Edit:
    """Changes an argument of the module that writes user data."""

    def edit(document: dict[str, Any]) -> None:
        document["module"]["backend_fleet_bootstrap"][argument] = value

    return edit


def in_section(section: str, name: str, value: object) -> Edit:
    """Adds an output, a local value or a variable."""
    return lambda document: document.setdefault(section, {}).update({name: value})


def in_data(type_: str, **values: object) -> Edit:
    """Adds a data source."""
    return lambda document: document["data"].setdefault(type_, {}).update({"mistake": values})


def in_provider(argument: str, value: str) -> Callable[[dict[str, Any]], None]:
    """Adds an argument to the provider."""
    return lambda document: document["provider"]["aws"][0].update({argument: value})


FAULTS: Final = [
    _prod(
        "a JWT secret in the code",
        edit=put(f"{_JWT_PARAMETER}.value_wo", to="correct horse"),
        control="secrets.argument",
    ),
    _prod(
        "a JWT secret in the state", edit=put(f"{_JWT_PARAMETER}.value", to="correct horse"), control="secrets.argument"
    ),
    _prod(
        "a secret parameter that is no SecureString",
        edit=add("aws_ssm_parameter", name="/wealist/prod/mail/smtp_password", type="String", value="hunter2"),
        control="secrets.argument",
    ),
    _prod(
        "a secret behind a function",
        edit=put(f"{_JWT_PARAMETER}.value_wo", to='${base64encode("correct horse")}'),
        control="secrets.argument",
    ),
    _prod(
        "a secret in a variable's default",
        edit=put(f"{_JWT_PARAMETER}.value_wo", to="${var.jwt_secret}"),
        control="secrets.argument",
    ),
    _prod(
        "Redis' token in the code",
        edit=put(f"{_REDIS}.auth_token", to="correct-horse-battery"),
        control="secrets.argument",
    ),
    _dev(
        "the master password in the code",
        edit=put("aws_db_instance.database_instance.password", to="wealist2026"),
        control="secrets.argument",
    ),
    _prod("a password for user data", edit=in_module("admin_password", "wealist2026"), control="secrets.argument"),
    _prod("credentials in the provider", edit=in_provider("secret_key", "x"), control="secrets.argument"),
    _prod(
        "an access key in a tag", edit=put("aws_vpc.network_vpc.tags", to={"Name": AWS_KEY}), control="secrets.token"
    ),
    _prod(
        "an access key's secret in a description",
        edit=put("aws_kms_key.encryption_key.description", to=AWS_SECRET),
        control="secrets.token",
    ),
    _prod(
        "a private key in an object",
        edit=add("aws_s3_object", bucket="b", key="k", content=PRIVATE_KEY),
        control="secrets.token",
    ),
    _prod("a GitHub token for user data", edit=in_module("region", GITHUB), control="secrets.token"),
    _prod(
        "a JSON web token in an output", edit=in_section("output", "example", {"value": JWT}), control="secrets.token"
    ),
    _prod(
        "a password in a URL",
        edit=in_section("output", "example", {"value": "postgresql://wealist:hunter22@db/wealist"}),
        control="secrets.token",
    ),
    _prod(
        "a random string in a setting",
        edit=put("aws_cloudfront_distribution.frontend_distribution.comment", to=RANDOM),
        control="secrets.token",
    ),
    _prod(
        "a key in hexadecimal",
        edit=put("aws_cloudfront_distribution.frontend_distribution.comment", to=f"key {HEXADECIMAL}"),
        control="secrets.token",
    ),
    _prod("a secret as a key", edit=put("aws_vpc.network_vpc.tags", to={RANDOM: "x"}), control="secrets.token"),
    _prod(
        "a secret in literal user data",
        edit=put("aws_launch_template.backend_fleet_launch_template.user_data", to=_USER_DATA),
        control="secrets.token",
    ),
    _prod("Redis' token in user data", edit=in_module("region", f"${{{_TOKEN}}}"), control="secrets.flow"),
    _prod(
        "Redis' token in an output",
        edit=in_section("output", "token", {"value": f"${{{_TOKEN}}}"}),
        control="secrets.flow",
    ),
    _prod(
        "Redis' token in a plain parameter",
        edit=put("aws_ssm_parameter.parameters_cache_redis_port.value", to=f"${{{_TOKEN}}}"),
        control="secrets.flow",
    ),
    _prod(
        "a password in a tag",
        edit=put("aws_vpc.network_vpc.tags", to={"Name": f"db-${{{_PASSWORD}}}"}),
        control="secrets.flow",
    ),
    _prod(
        "a secret parameter's value in an output",
        edit=in_section("output", "jwt", {"value": f"${{{_JWT_PARAMETER}.value}}"}),
        control="secrets.flow",
    ),
    _prod(
        "a password that Terraform prints when it plans",
        edit=in_data("aws_secretsmanager_random_password", password_length=64, exclude_punctuation=True),
        control="secrets.printed",
    ),
    _prod(
        "a secret of the other environment, by its name",
        edit=in_data("aws_ssm_parameter", name="/wealist/dev/cache/redis_auth_token"),
        control="secrets.flow",
    ),
    _prod(
        "a parameter by the name of something else",
        edit=in_data("aws_ssm_parameter", name="${aws_elasticache_subnet_group.cache_subnet_group.name}"),
        control="secrets.flow",
    ),
]
