"""No secret of a plan is shown, wherever it is and however it is marked."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.review.builders import (
    allow,
    change,
    cleaned,
    configuration,
    document,
    failed_check,
    policy,
    review_of,
    shown,
)
from wealist.checks.secrets.names import is_secret_name
from wealist.model.values import MASK

pytestmark = pytest.mark.exhaustive

SECRET = "Zq7-hunter2+secret/VALUE"
OTHER = "Another9-hunter3+secret/value"

MARKED: dict[str, tuple[dict[str, Any], Any]] = {
    "a leaf": ({"a": SECRET}, {"a": True}),
    "the whole resource": ({"a": SECRET}, True),
    "a whole block": ({"a": [{"b": SECRET, "c": 1}]}, {"a": True}),
    "a leaf of a block": ({"a": [{"b": SECRET, "c": 1}]}, {"a": [{"b": True}]}),
    "an element of a set": ({"a": ["x", SECRET]}, {"a": [False, True]}),
    "a map's value": ({"a": {"k": SECRET}}, {"a": {"k": True}}),
    "a document": ({"a": json.dumps({"k": SECRET})}, {"a": True}),
    "a script": ({"user_data": base64.b64encode(SECRET.encode()).decode()}, {"user_data": True}),
    "several lines": ({"a": f"first\n{SECRET}\nlast"}, {"a": True}),
}


@pytest.mark.parametrize("name", MARKED)
@pytest.mark.parametrize("actions", [("create",), ("update",), ("delete", "create"), ("create", "delete"), ("delete",)])
@pytest.mark.parametrize("marked", ["before_sensitive", "after_sensitive"])
def test_values_marked_as_sensitive_are_not_shown(
    name: str, actions: tuple[str, ...], marked: str, tmp_path: Path
) -> None:
    value, marks = MARKED[name]
    before = None if actions == ("create",) else value
    after = None if actions == ("delete",) else value | {"b": 2}
    output = shown(tmp_path, change("aws_thing.a", *actions, before=before, after=after, **{marked: marks}))
    assert SECRET not in output
    assert "hunter2" not in output


def test_a_changed_secret_is_shown_as_changed_without_its_values(tmp_path: Path) -> None:
    output = shown(
        tmp_path,
        change("aws_thing.a", "update", before={"a": SECRET}, after={"a": OTHER}, after_sensitive={"a": True}),
    )
    assert "hunter" not in output
    assert "- a: (sensitive value)" in output
    assert "+ a: (sensitive value)" in output


def test_a_mark_on_a_list_element_covers_all_elements(tmp_path: Path) -> None:
    update = change(
        "aws_thing.a",
        "update",
        before={"a": [SECRET, "x"]},
        after={"a": ["y", "x", SECRET]},
        after_sensitive={"a": [False, False, True]},
        before_sensitive={},
    )
    assert SECRET not in shown(tmp_path, update)


@pytest.mark.parametrize("others", [["x"], [{"b": True}], [], {}, None, {"b": True}])
@pytest.mark.parametrize("actions", [("create",), ("update",), ("no-op",)])
def test_marks_of_different_shapes_are_merged(others: Any, actions: tuple[str, ...], tmp_path: Path) -> None:
    marks = {"before_sensitive": others, "after_sensitive": {"a": True}}
    holder = change("aws_thing.a", *actions, before=None, after={"a": SECRET}, **marks)
    update = change("aws_thing.b", "update", before={}, after={"a": f"see {SECRET}"})
    assert "hunter2" not in shown(tmp_path, holder, update)


NAMED = {
    "an attribute": {"db_password": SECRET},
    "a number": {"password": 918273645546372},
    "a map": {"variables": {"API_KEY": SECRET}},
    "a map of secrets": {"secrets": {"first": SECRET}},
    "a list of secrets": {"passwords": [SECRET]},
    "a name beside its value": {"environment": [{"name": "DB_PASSWORD", "value": SECRET}]},
    "a document": {"definition": json.dumps([{"environment": [{"name": "JWT_SECRET", "value": SECRET}]}])},
    "a script": {"user_data": base64.b64encode(f"export DB_PASSWORD={SECRET}\n".encode()).decode()},
    "a compressed script": {"user_data_base64": base64.b64encode(gzip.compress(f"TOKEN='{SECRET}'".encode())).decode()},
    "an argument": {"command": f"psql --password {SECRET} --host x"},
    "yaml": {"config": f"database:\n  password: {SECRET}\n"},
    "an URL": {"url": f"postgresql://user:{SECRET.replace('/', '')}@host/db"},
    "a private key": {"body": f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----"},
    "half a private key": {"body": f"-----BEGIN PRIVATE KEY-----\n{SECRET}"},
    "a default in a script": {"command": "TOKEN=${TOKEN:-" + SECRET + "}"},
    "a short name": {"db_pass": SECRET},
    "a key of encryption": {"encryption_key": SECRET},
    "a tag with a colon": {"tags": {"db:password": SECRET}},
    "a parameter of a template": {"parameters": [{"ParameterKey": "DBPassword", "ParameterValue": SECRET}]},
    "a parameter that is no SecureString": {"name": "/w/db_password", "insecure_value": SECRET},
    "a document of documents": {"a": json.dumps({"a": json.dumps({"a": json.dumps({"a": {"password": SECRET}})})})},
}


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("side", ["before", "after"])
def test_secrets_recognized_by_name_or_format_are_not_shown(name: str, side: str, tmp_path: Path) -> None:
    sides: dict[str, Any] = {"before": {"b": 1}, "after": {"b": 2}}
    sides[side] |= NAMED[name]
    output = shown(tmp_path, change("aws_thing.a", "update", **sides))
    assert "hunter2" not in output
    assert "918273645546372" not in output


def test_unmarked_copies_of_a_secret_are_masked(tmp_path: Path) -> None:
    holder = change("aws_thing.a", "no-op", before={"a": SECRET}, after={"a": SECRET}, before_sensitive={"a": True})
    script = base64.b64encode(f"run {SECRET} now\n".encode()).decode()
    others = [
        change("aws_launch_template.b", "update", before={"user_data": ""}, after={"user_data": script}),
        change("aws_iam_policy.c", "create", after={"policy": policy(allow("s3:*", f"arn:aws:s3:::{SECRET}"))}),
        change("aws_thing.d", "update", before={"tags": {}}, after={"tags": {SECRET: f"x{SECRET}y"}}),
        change(
            "aws_vpc_security_group_ingress_rule.e", "create", after={"cidr_ipv4": SECRET, "security_group_id": SECRET}
        ),
        change("aws_thing.f", "delete", "create", before={"n": SECRET}, after={"n": "x"}, replace_paths=[["n"]]),
        change(
            "aws_thing.g", "delete", "create", before={"n": {SECRET: 1}}, after={"n": {}}, replace_paths=[["n", SECRET]]
        ),
        change("aws_thing.h", "update", before={"n": {}}, after={"n": {}}, after_unknown={"n": {SECRET: True}}),
        change("aws_thing.i", "update", before={"n": ""}, after={"n": json.dumps({"a": {SECRET: SECRET}})}),
    ]
    assert "hunter2" not in shown(tmp_path, holder, *others, checks=[failed_check(f"{SECRET} is wrong")])


def test_keys_of_a_sensitive_map_are_not_shown_as_forcing_a_replacement(tmp_path: Path) -> None:
    replaced = change(
        "aws_thing.a",
        "delete",
        "create",
        before={"m": {"hunter2": "a"}, "n": [{"hunter2": "a"}]},
        after={"m": {"hunter2": "b"}, "n": [{"hunter2": "b"}]},
        after_sensitive={"m": True, "n": [True]},
        replace_paths=[["m", "hunter2"], ["n", 0, "hunter2"]],
    )
    output = shown(tmp_path, replaced)
    assert "hunter2" not in output
    assert "forced by m and n;" in output


def test_secrets_of_outputs_drift_and_variables_are_masked(tmp_path: Path) -> None:
    outputs = {
        "marked": {"actions": ["create"], "before": None, "after": SECRET, "after_sensitive": True},
        "admin_password": {"actions": ["update"], "before": OTHER, "after": SECRET},
        "unmarked": {"actions": ["create"], "before": None, "after": f"see {SECRET}"},
    }
    drift = change("aws_thing.a", "update", before={"a": SECRET}, after={"a": OTHER}, before_sensitive={"a": True})
    update = change("aws_thing.a", "update", before={"v": 1}, after={"v": "from-a-sensitive-variable"})
    output = shown(
        tmp_path,
        update,
        output_changes=outputs,
        resource_drift=[drift],
        variables={"v": {"value": "from-a-sensitive-variable"}},
        configuration=configuration(variables={"v": {"sensitive": True}}),
    )
    assert "hunter" not in output
    assert "from-a-sensitive-variable" not in output


def test_a_short_output_with_a_secrets_name_is_masked(tmp_path: Path) -> None:
    assert "a1b2c" not in shown(tmp_path, output_changes={"admin_password": {"actions": ["create"], "after": "a1b2c"}})


def test_generated_configuration_is_not_shown(tmp_path: Path) -> None:
    imported = change(
        "aws_thing.a", "no-op", before={}, after={}, importing={"id": "x"}, generated_config=f'x = "{SECRET}"'
    )
    assert SECRET not in shown(tmp_path, imported)


def test_a_secret_in_the_id_of_an_import_is_not_shown(tmp_path: Path) -> None:
    imported = change(
        "aws_thing.a",
        "no-op",
        before={"value": SECRET},
        after={"value": SECRET},
        before_sensitive={"value": True},
        importing={"id": f"name/{SECRET}"},
    )
    assert SECRET not in shown(tmp_path, imported)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWORD",
        "auth_token",
        "secret_string",
        "private_key",
        "apiKey",
        "db_pass",
        "PGPASS",
        "dbPass",
        "encryption_key",
        "db:password",
        "ec2:password",
        "kms:secret",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "secret_arn",
        "http_tokens",
        "master_user_secret_kms_key_id",
        "generated_secrets_version",
        "value_wo_version",
        "token.actions.githubusercontent.com:sub",
        "aws:TokenIssueTime",
        "aws:RequestTag/password",
        "ec2:MetadataHttpTokens",
        "secretsmanager:SecretId",
        "kms_key_id",
        "key_name",
        "key_arn",
        "public_key",
        "encryption_key_arn",
        "bypass",
        "passthrough_behavior",
        "password_length",
        "name",
    ],
)
def test_names_about_secrets_are_not_names_of_secrets(name: str) -> None:
    assert not is_secret_name(name)


def test_the_trust_policy_of_a_role_is_not_masked(tmp_path: Path) -> None:
    condition = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:OrangesCloud/*"}}
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "x"}, "Condition": condition})
    assert "repo:OrangesCloud/*" in shown(
        tmp_path, change("aws_iam_role.a", "create", after={"assume_role_policy": trust})
    )


def test_many_secrets_and_long_texts_are_masked_in_linear_time() -> None:
    secrets = [f"secret-number-{number:08d}" for number in range(10_000)]
    assert "secret" not in cleaned("x" * 100_000 + "secret-number-00009999", *secrets).replace(MASK, "")
    assert cleaned("password" * 20_000) == "password" * 20_000
    for text in ("token" + " " * 60, "--token-", "://", 'password="', "<password ", "password: \\", "://a:b"):
        assert cleaned(text * 2_000)


def test_errors_do_not_quote_the_plan(tmp_path: Path) -> None:
    assert json.dumps(document())  # the builder itself is a plan
    with pytest.raises(Exception, match="is not a plan") as caught:
        review_of(tmp_path, change("aws_thing.a", "create", after={"a": SECRET}) | {"change": SECRET})
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert SECRET not in "".join(f"{each}{getattr(each, 'remedy', '')}" for each in chain if each is not None)


SECRET_ARN = "arn:aws:secretsmanager:ap-northeast-2:290008131187:secret:prod/db-AbCdEf:password::"
PARAMETER_ARN = "arn:aws:ssm:ap-northeast-2:290008131187:parameter/wealist/prod/db/password"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"secrets": [{"name": "DB_PASSWORD", "valueFrom": SECRET_ARN}]}, SECRET_ARN),
        ({"secrets": [{"name": "DB_PASSWORD", "valueFrom": "/prod/db-user"}]}, "/prod/db-user"),
        ({"secrets": [{"name": "DB_PASSWORD", "value_from": PARAMETER_ARN}]}, PARAMETER_ARN),
        ({"env": [{"name": "DB_PASSWORD", "value_from": [{"secret_key_ref": [{"key": "pg-main"}]}]}]}, "pg-main"),
        ({"env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"key": "pg-main"}}}]}, "pg-main"),
        ({"repositoryCredentials": {"credentialsParameter": SECRET_ARN}}, SECRET_ARN),
        ({"runtime_environment_secrets": {"DB_PASSWORD": PARAMETER_ARN}}, PARAMETER_ARN),
        (
            {"environment_variable": [{"name": "DB_PASSWORD", "type": "PARAMETER_STORE", "value": "/prod/pg"}]},
            "/prod/pg",
        ),
        ({"environment_variable": [{"name": "TOKEN", "type": "SECRETS_MANAGER", "value": "prod/npm"}]}, "prod/npm"),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_references_to_secrets_are_shown(
    values: dict[str, Any],
    name: str,
    as_text: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    after = {"definition": json.dumps(values)} if as_text else values
    assert name in shown(tmp_path, change("aws_thing.a", "update", before={}, after=after))


@pytest.mark.parametrize(
    "values",
    [
        {"secrets": [{"name": "DB_PASSWORD", "value": SECRET}]},
        {"env": [{"name": "DB_PASSWORD", "value": SECRET, "value_from": []}]},
        {"environment_variable": [{"name": "DB_PASSWORD", "type": "PLAINTEXT", "value": SECRET}]},
        {"runtime_environment_secrets": {"DB_PASSWORD": SECRET}},
    ],
)
def test_secret_values_next_to_references_are_masked(values: dict[str, Any], tmp_path: Path) -> None:
    update = change("aws_thing.a", "update", before={}, after=values)
    assert SECRET not in shown(tmp_path, update)
