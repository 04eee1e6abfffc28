"""Secrets in a wrapping, and those that only their names give away: one fault each."""

from typing import Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add, both, put
from tests.unit.checks.faults.secrets import in_module, in_section

# Put together here, so that no scanner of this repository takes them for somebody's.
PKCS8: Final = "MIIEvQIBADANBgkqhkiG9w0BAQ" + "EFAASCBKcwggSjAgEAAoIBAQC7"
SPELT: Final = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
PUNCTUATED: Final = ",;ORS@6ilI8ihN;5K" + "XSc7Tvo@hBKqFYY"
_ADDRESS: Final = "data.aws_ssm_parameter.cache_auth_token"
_TOKEN: Final = f"{_ADDRESS}.value"
_PARAMETER: Final = "aws_ssm_parameter.parameters_cache_redis_auth_token"
_PASSWORD: Final = "ephemeral.aws_secretsmanager_random_password.parameters_jwt_jwt_secret.random_password"
_JWT: Final = "aws_ssm_parameter.parameters_jwt_jwt_secret"
_REDIS: Final = "aws_elasticache_replication_group.cache_replication_group"


def _shown(value: str) -> Edit:
    return in_section("output", "example", {"value": value})


def _tagged(value: str) -> Edit:
    return put("aws_vpc.network_vpc.tags", to={"Name": value})


def _uploaded(**values: object) -> Edit:
    return add("aws_s3_object", bucket="${aws_s3_bucket.frontend_site_bucket.id}", key="x", **values)


def _parameter(name: str) -> Edit:
    return add("aws_ssm_parameter", name=f"/wealist/prod/{name}", type="String", value="hunter2horse")


def _secret_version(document: dict[str, dict[str, object]]) -> None:
    document["data"]["aws_secretsmanager_secret_version"] = {"mistake": {"secret_id": "x"}}


FAULTS: Final = [
    *faults(
        "secrets.flow",
        {
            "Redis' token by a function": _shown(f"${{base64encode({_TOKEN})}}"),
            "Redis' token in a tag by a function": _tagged(f"${{upper({_TOKEN})}}"),
            "all of Redis' token": _shown(f"${{{_ADDRESS}}}"),
            "all of Redis' token as JSON": _shown(f"${{jsonencode({_ADDRESS})}}"),
            "Redis' token by its index": _shown(f'${{{_ADDRESS}["value"]}}'),
            "a parameter's value, said to be none": _shown(f"${{nonsensitive({_PARAMETER}.value)}}"),
            "Redis' token from Redis itself": _shown(f"${{{_REDIS}.auth_token}}"),
            "all that Redis knows": _shown(f"${{{_REDIS}}}"),
            "what a secret says": both(
                _secret_version, _shown("${data.aws_secretsmanager_secret_version.mistake.secret_string}")
            ),
        },
    ),
    *faults(
        "secrets.argument",
        {
            "Redis' token, kept by its parameter's argument": put(f"{_PARAMETER}.value", to=f"${{{_PASSWORD}}}"),
            "Redis' token from what Terraform keeps": put(f"{_PARAMETER}.value_wo", to=f"${{{_TOKEN}}}"),
            "a secret that Terraform would keep": put(f"{_JWT}.value", to=f"${{{_TOKEN}}}"),
            "a secret that Terraform keeps, written without keeping": put(f"{_JWT}.value_wo", to=f"${{{_TOKEN}}}"),
            "a secret that anybody can know": put(f"{_JWT}.value_wo", to="${aws_vpc.network_vpc.id}"),
            "a password by a short name": _parameter("db/pw"),
            "a password by another": _parameter("db/pass"),
            "a key that signs": _parameter("jwt/signing_key"),
            "a short name in user data": in_module("admin_pass", "hunter2horse"),
        },
    ),
    *faults(
        "secrets.token",
        {
            "an assignment in an object": _uploaded(content="DB_PASSWORD=hunter2horse\n"),
            "an assignment in JSON": _tagged('{"password": "correct-horse-battery"}'),
            "an assignment in a shell's words": _tagged("export DB_PASS=hunter2horse"),
            "the body of a private key": _tagged(PKCS8),
            "an access key's secret that spells words": _tagged(SPELT),
            "a generated password with marks": _tagged(PUNCTUATED),
        },
    ),
    *faults(
        "secrets.unread",
        {
            "a file of this machine": _uploaded(source="/etc/shadow"),
            "a file of this machine by a function": _uploaded(content='${file("/etc/shadow")}'),
        },
    ),
]
