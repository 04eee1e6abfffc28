"""Parameters that instances read: who sets each value, and when it changes."""

from typing import Final

from tests.synthesized import Resource, Stack, stacks

PARAMETER: Final = "aws_ssm_parameter"
PASSWORD: Final = "aws_secretsmanager_random_password"
GENERATED: Final = {"db/user_db_password", "db/board_db_password", "jwt/jwt_secret"}
FROM_OUTSIDE: Final = {
    "dev": {"oauth/google_client_id", "oauth/google_client_secret"},
    "prod": {"oauth/google_client_id", "oauth/google_client_secret", "db/endpoint"},
}
"""Parameters that an operator sets, including the host of an external database."""
TOKEN: Final = "cache/redis_auth_token"


def parameters(stack: Stack, name: str) -> dict[str, Resource]:
    """Return the parameters of an environment, by path below `/wealist/<env>/`."""
    return {parameter["name"].removeprefix(f"/wealist/{name}/"): parameter for parameter in stack.all(PARAMETER)}


def ephemeral(stack: Stack) -> dict[str, Resource]:
    """Return the ephemeral resources, by address."""
    return {address: each for address, each in stack.data.items() if address.startswith("ephemeral.")}


def test_every_generated_secret_belongs_to_one_parameter(stack: Stack, name: str) -> None:
    found = parameters(stack, name)
    sources = {path: f"ephemeral.{PASSWORD}.parameters_{path.replace('/', '_')}" for path in GENERATED | {TOKEN}}
    assert {path: found[path]["value_wo"] for path in sources} == {
        path: f"${{{source}.random_password}}" for path, source in sources.items()
    }
    assert ephemeral(stack).keys() == set(sources.values())


def test_generated_secrets_are_long_and_need_no_quotes(stack: Stack) -> None:
    for password in ephemeral(stack).values():
        # Letters and digits: 40 of them are 238 bits, enough for HS256; ElastiCache takes 16 to 128 characters.
        assert 40 <= password["password_length"] <= 128
        assert password["exclude_punctuation"] is True
        assert not {"exclude_numbers", "exclude_lowercase", "exclude_uppercase"} & set(password)


def test_raising_the_version_replaces_only_the_generated_secrets(name: str, all_changed: Stack) -> None:
    before, after = parameters(stacks()[name], name), parameters(all_changed, name)
    changed = {path for path in before if before[path] != after[path]}
    # One of the two environments has an external database, whose endpoint an operator sets.
    assert changed == GENERATED | {"db/endpoint"}
    # One of them was also rotated alone, twice.
    assert {path: before[path]["value_wo_version"] for path in GENERATED} == dict.fromkeys(GENERATED, 1)
    assert {path: after[path]["value_wo_version"] for path in GENERATED} == (
        dict.fromkeys(GENERATED, 7) | {"db/user_db_password": 9}
    )


def test_terraform_ignores_changes_of_parameters_that_operators_set(stack: Stack, name: str) -> None:
    ignoring = {path: each.get("lifecycle", {}).get("ignore_changes") for path, each in parameters(stack, name).items()}
    # A higher version must replace a generated secret. Redis' token is rotated by its value.
    assert {path for path, ignored in ignoring.items() if ignored == "all"} == FROM_OUTSIDE[name] | {TOKEN}
    assert set(ignoring.values()) == {None, "all"}


def test_redis_reads_its_token_after_the_parameter_is_created(stack: Stack, name: str) -> None:
    token = stack.target(stack.only("aws_elasticache_replication_group"), "auth_token")
    parameter = parameters(stack, name)[TOKEN]
    assert stack.target(token, "name").address == parameter.address
    assert token["depends_on"] == [parameter.address]
