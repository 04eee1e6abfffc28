"""What the instances read at start, and that no secret of it is written down anywhere."""

import json
import re
from typing import Final

from tests.synthesized import Resource, Stack, address_of, attribute_of, stacks

PARAMETER: Final = "aws_ssm_parameter"
PASSWORD: Final = "aws_secretsmanager_random_password"
KEY: Final = "aws_kms_key.encryption_key"
GENERATED: Final = {"db/user_db_password", "db/board_db_password", "jwt/jwt_secret"}
FROM_OUTSIDE: Final = {"oauth/google_client_id", "oauth/google_client_secret"}
TOKEN: Final = "cache/redis_auth_token"
SECRETS: Final = GENERATED | FROM_OUTSIDE | {TOKEN}
KNOWN: Final = {
    "db/port": "5432",
    "db/user_db_name": "wealist_user_db",
    "db/user_db_user": "user_service",
    "db/board_db_name": "wealist_board_db",
    "db/board_db_user": "board_service",
    "cache/redis_port": "6379",
}
PATHS: Final = SECRETS | set(KNOWN) | {"db/endpoint", "cache/redis_host"}


def parameters(stack: Stack, name: str) -> dict[str, Resource]:
    """Every parameter of an environment, by the path below `/wealist/<env>/`."""
    prefix = f"/wealist/{name}/"
    found = stack.all(PARAMETER)
    assert all(parameter["name"].startswith(prefix) for parameter in found)
    return {parameter["name"].removeprefix(prefix): parameter for parameter in found}


def test_the_instances_find_exactly_the_documented_parameters(stack: Stack, name: str) -> None:
    assert len(stack.all(PARAMETER)) == len(PATHS)
    assert set(parameters(stack, name)) == PATHS


def test_what_is_known_is_written_in_clear(stack: Stack, name: str) -> None:
    found = parameters(stack, name)
    assert {path: found[path]["value"] for path in KNOWN} == KNOWN
    assert {path for path, parameter in found.items() if parameter["type"] == "String"} == PATHS - SECRETS


def test_secrets_are_secure_strings_with_the_environments_own_key(stack: Stack, name: str) -> None:
    found = parameters(stack, name)
    for path in SECRETS:
        assert found[path]["type"] == "SecureString"
        # Without a key it would be the account's, which whoever may read the parameter may use.
        assert (address_of(found[path]["key_id"]), attribute_of(found[path]["key_id"])) == (KEY, "arn")


def test_no_parameter_keeps_a_secret_in_the_state(stack: Stack, name: str) -> None:
    found = parameters(stack, name)
    in_the_state = {path for path, parameter in found.items() if "value" in parameter or "insecure_value" in parameter}
    assert in_the_state & SECRETS == set()
    for path in SECRETS:
        assert "value_wo" in found[path]


def test_every_generated_secret_is_made_for_its_own_parameter_alone(stack: Stack, name: str) -> None:
    found = parameters(stack, name)
    sources = {path: address_of(found[path]["value_wo"]) for path in GENERATED | {TOKEN}}
    assert len(set(sources.values())) == len(sources)
    assert set(sources.values()) == set(stack.ephemeral)
    for path, source in sources.items():
        assert source.startswith(f"ephemeral.{PASSWORD}.")
        assert source.endswith(path.replace("/", "_"))
        assert attribute_of(found[path]["value_wo"]) == "random_password"


def test_generated_secrets_are_long_and_need_no_quotes(stack: Stack) -> None:
    assert len(stack.ephemeral) == len(GENERATED | {TOKEN})
    for password in stack.ephemeral.values():
        # Letters and digits: 40 of them are 238 bits, enough for HS256 and unguessable.
        assert password["password_length"] >= 40
        assert password["exclude_punctuation"] is True
        assert not {"exclude_numbers", "exclude_lowercase", "exclude_uppercase"} & set(password)


def test_no_secret_value_is_in_the_output() -> None:
    hidden = re.compile(r"(?i)(password|secret|token|_key)$")
    for stack in stacks().values():
        for resource in stack.resources.values():
            for attribute, value in resource.items():
                if hidden.search(attribute) and isinstance(value, str):
                    assert value.startswith("${"), f"{resource.address} has {attribute} written out"
        document = json.dumps(stack.document)
        assert "PRIVATE KEY" not in document
        assert not re.search(r"AKIA[0-9A-Z]{16}", document)


def test_raising_the_version_makes_every_generated_secret_anew_and_touches_no_other(
    name: str, otherwise: Stack
) -> None:
    before = parameters(stacks()[name], name)
    after = parameters(otherwise, name)
    assert {path: before[path]["value_wo_version"] for path in GENERATED} == dict.fromkeys(GENERATED, 1)
    changed = {path for path in PATHS if dict(before[path]) != dict(after[path])}
    # Where the database is made by hand in one and here in the other, its host name comes from elsewhere.
    assert changed == GENERATED | {"db/endpoint"}
    versions = {path: each["value_wo_version"] for path, each in after.items() if "value_wo_version" in each}
    written = FROM_OUTSIDE | ({"db/endpoint"} if name == "dev" else set())
    # One of them was rotated twice by itself, too. Redis' token is rotated by its value.
    generated = dict.fromkeys(GENERATED, 7) | {"db/user_db_password": 9}
    assert versions == generated | dict.fromkeys(written | {TOKEN}, 1)


def test_operators_find_a_placeholder_that_terraform_writes_once(stack: Stack, name: str) -> None:
    found = parameters(stack, name)
    outside = FROM_OUTSIDE if name == "dev" else FROM_OUTSIDE | {"db/endpoint"}
    for path in outside:
        assert found[path]["value_wo"] == "unset"
        assert found[path]["value_wo_version"] == 1
    constants = {path for path, parameter in found.items() if "value_wo" in parameter} - GENERATED - {TOKEN}
    assert constants == outside


def test_what_an_operator_set_is_theirs_whatever_changes_here(stack: Stack, name: str) -> None:
    found = parameters(stack, name)
    outside = FROM_OUTSIDE if name == "dev" else FROM_OUTSIDE | {"db/endpoint"}
    ignoring = {path: each["lifecycle"]["ignore_changes"] for path, each in found.items()
                if "ignore_changes" in each.get("lifecycle", {})}  # fmt: skip
    # A generated secret ignores nothing: raising its version has to reach it.
    assert ignoring == dict.fromkeys(outside | {TOKEN}, "all")


def test_the_host_name_of_an_external_database_is_no_secret(prod: Stack) -> None:
    endpoint = prod.only(PARAMETER, name="/wealist/prod/db/endpoint")
    assert endpoint["type"] == "String"
    assert not {"key_id", "value"} & set(endpoint)


def token_of(stack: Stack) -> Resource:
    """The data source that reads Redis' token."""
    (address,) = (each for each in stack.data if each.startswith("data.aws_ssm_parameter."))
    return stack.data[address]


def test_redis_token_is_generated_once_as_a_write_only_value(stack: Stack, name: str) -> None:
    parameter = parameters(stack, name)[TOKEN]
    generated = stack.ephemeral[address_of(parameter["value_wo"])]
    # An environment whose parameter was created with `value` keeps its token: no difference reaches AWS.
    assert parameter["lifecycle"]["ignore_changes"] == "all"
    # ElastiCache: 16 to 128 characters.
    assert 16 <= generated["password_length"] <= 128


def test_redis_takes_the_token_that_its_parameter_holds_and_reads_it_after_the_parameter(
    stack: Stack, name: str
) -> None:
    group, token = stack.only("aws_elasticache_replication_group"), token_of(stack)
    assert (address_of(group["auth_token"]), attribute_of(group["auth_token"])) == (token.address, "value")
    parameter = parameters(stack, name)[TOKEN]
    assert stack.target(token, "name").address == parameter.address
    assert token["depends_on"] == [parameter.address]


def test_no_data_source_generates_a_secret_for_its_id_would_be_printed(stack: Stack) -> None:
    assert [address for address in stack.data if PASSWORD in address] == []


def test_the_value_of_a_secret_parameter_is_read_by_redis_alone(stack: Stack, name: str) -> None:
    holders = {f"{parameters(stack, name)[path].address}.value" for path in SECRETS} | {
        f"{token_of(stack).address}.value"
    }
    readers = {
        other.address
        for other in stack.resources.values()
        if any(holder in json.dumps(dict(other)) for holder in holders)
    }
    assert readers == {stack.only("aws_elasticache_replication_group").address}
    assert not [output for output in stack.document["output"].values() if PARAMETER in json.dumps(output)]


def test_a_third_service_brings_its_own_database_parameters(with_chat: Stack, name: str) -> None:
    found = parameters(with_chat, name)
    assert set(found) - PATHS == {"db/chat_db_name", "db/chat_db_user", "db/chat_db_password"}
    assert set(found) >= PATHS
    assert found["db/chat_db_name"]["value"] == "wealist_chat_db"
    assert found["db/chat_db_user"]["value"] == "chat_service"
    password = found["db/chat_db_password"]
    assert address_of(password["value_wo"]) == f"ephemeral.{PASSWORD}.parameters_db_chat_db_password"
    assert (password["type"], address_of(password["key_id"])) == ("SecureString", KEY)


def test_every_parameter_says_what_it_is_within_awss_limits(prod: Stack) -> None:
    for parameter in prod.all(PARAMETER):
        assert parameter["description"]
        assert len(parameter["description"]) <= 1024
        # AWS counts a name with the ARN before it, 1011 in all, and takes 15 levels.
        assert len(f"arn:aws:ssm:ap-northeast-2:290008131187:parameter{parameter['name']}") <= 1011
        assert parameter["name"].count("/") <= 15
