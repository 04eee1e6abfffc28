"""What AWS itself says about what was applied: sections 8 and 9 and the parameters, asked by its API."""

import json
from typing import Any

import pytest

from tests.integration.applied.everything import Applied
from tests.integration.applied.facts import CIDR, Ask, in_vpc

pytestmark = pytest.mark.integration

ANYWHERE = "0.0.0.0/0"
GENERATED = ("db/user_db_password", "db/board_db_password", "jwt/jwt_secret", "cache/redis_auth_token")
OPERATORS = ("oauth/google_client_id", "oauth/google_client_secret")
PLAIN = {
    "db/port": "5432",
    "db/user_db_name": "wealist_user_db",
    "db/user_db_user": "user_service",
    "db/board_db_name": "wealist_board_db",
    "db/board_db_user": "board_service",
    "cache/redis_port": "6379",
}
ENDPOINTS = ("db/endpoint", "cache/redis_host")


# --- 8. security groups -----------------------------------------------------------------------------------------------


def ingress(name: str) -> set[tuple[str, str, int]]:
    """The table of section 8: who may connect to whom, on which port."""
    return {
        (ANYWHERE, "alb", 80),
        (ANYWHERE, "alb", 443),
        ("alb", "ec2", 8080),
        ("alb", "ec2", 8000),
        ("alb", "ec2", 3001),
        ("ec2", "ec2", 8080),
        ("ec2", "ec2", 8000),
        ("ec2", "ec2", 9100),
        ("ec2", "rds", 5432),
        ("ec2", "redis", 6379),
        (CIDR[name], "vpc-endpoints", 443),
    }


EGRESS = {
    ("alb", "ec2", 8080),
    ("alb", "ec2", 8000),
    ("alb", "ec2", 3001),
    ("ec2", "ec2", 8080),
    ("ec2", "ec2", 8000),
    ("ec2", "ec2", 9100),
    ("ec2", "rds", 5432),
    ("ec2", "redis", 6379),
    ("ec2", "vpc-endpoints", 443),
    ("ec2", ANYWHERE, 443),
}


def groups(ask: Ask, name: str) -> dict[str, str]:
    """Id of each security group of the VPC → its name in the table."""
    found = ask("ec2", "describe_security_groups", "SecurityGroups", Filters=in_vpc(ask, name))
    short = {group["GroupId"]: group["GroupName"] for group in found}
    return {key: value.removeprefix(f"wealist-{name}-").removesuffix("-sg") for key, value in short.items()}


def edges(ask: Ask, name: str, *, egress: bool) -> set[tuple[str, str, int]]:
    """Every rule of the VPC's groups in one direction: (source, target, port)."""
    known = groups(ask, name)
    found = set()
    rules = ask(
        "ec2", "describe_security_group_rules", "SecurityGroupRules", Filters=[{"Name": "group-id", "Values": [*known]}]
    )
    for rule in rules:
        if rule["IsEgress"] != egress:
            continue
        assert (rule["IpProtocol"], rule["FromPort"]) == ("tcp", rule["ToPort"])
        assert rule["Description"]
        own = known[rule["GroupId"]]
        other = known[rule["ReferencedGroupInfo"]["GroupId"]] if "ReferencedGroupInfo" in rule else rule["CidrIpv4"]
        found.add((own, other, rule["FromPort"]) if egress else (other, own, rule["FromPort"]))
    return found


def test_there_are_the_five_documented_security_groups_and_the_empty_default_one(ask: Ask, name: str) -> None:
    assert sorted(groups(ask, name).values()) == ["alb", "default", "ec2", "rds", "redis", "vpc-endpoints"]


def test_connections_come_in_exactly_as_the_table_says(ask: Ask, name: str) -> None:
    assert edges(ask, name, egress=False) == ingress(name)


def test_connections_go_out_only_to_where_something_lets_them_in(ask: Ask, name: str) -> None:
    assert edges(ask, name, egress=True) == EGRESS


# --- 9. IAM -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "policies"),
    [
        ("ec2", ["ecr", "monitoring", "s3", "ssm-agent", "ssm-kms"]),
        ("codedeploy", ["codedeploy"]),
        ("github-actions", ["github-actions"]),
    ],
)
def test_each_role_has_its_own_policies_and_no_others(ask: Ask, name: str, role: str, policies: list[str]) -> None:
    role_name = f"wealist-{name}-{role}-role"
    attached = ask("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role_name)
    assert sorted(policy["PolicyName"] for policy in attached) == [f"wealist-{name}-{what}-policy" for what in policies]
    assert ask("iam", "list_role_policies", "PolicyNames", RoleName=role_name) == []


def test_instances_read_the_parameters_of_their_own_environment_only(applied: Applied, ask: Ask, name: str) -> None:
    arn = f"arn:aws:iam::290008131187:policy/wealist-{name}-ssm-kms-policy"
    version = ask("iam", "get_policy", "Policy", PolicyArn=arn)["DefaultVersionId"]
    policy = applied.client("iam").get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    readable = [
        resource
        for statement in policy["Statement"]
        for resource in statement["Resource"]
        if "ssm:GetParameter" in statement["Action"]
    ]
    own = f"arn:aws:ssm:ap-northeast-2:290008131187:parameter/wealist/{name}"
    assert readable
    assert all(resource == own or resource.startswith(f"{own}/") for resource in readable)


def test_github_comes_in_by_its_identity_provider_and_from_our_organisation_only(ask: Ask, name: str) -> None:
    trust = ask("iam", "get_role", "Role", RoleName=f"wealist-{name}-github-actions-role")["AssumeRolePolicyDocument"]
    (statement,) = trust["Statement"]
    assert statement["Principal"]["Federated"].endswith(":oidc-provider/token.actions.githubusercontent.com")
    conditions = json.dumps(statement["Condition"])
    assert '"sts.amazonaws.com"' in conditions
    subjects = [
        subject
        for operator in statement["Condition"].values()
        for key, values in operator.items()
        if key.endswith(":sub")
        for subject in values
    ]
    assert subjects
    assert all(subject.lower().startswith(("repo:orangescloud/", "repo:orangescloud@")) for subject in subjects)


# --- parameters -------------------------------------------------------------------------------------------------------


def parameters(applied: Applied, name: str) -> dict[str, dict[str, Any]]:
    """Path below the environment → parameter, decrypted as an instance reads it."""
    ssm = applied.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=f"/wealist/{name}/", Recursive=True, WithDecryption=True
    )
    found = [parameter for page in pages for parameter in page["Parameters"]]
    return {parameter["Name"].removeprefix(f"/wealist/{name}/"): parameter for parameter in found}


def test_instances_find_every_parameter_that_they_read_at_start(applied: Applied, name: str) -> None:
    assert parameters(applied, name).keys() == {*GENERATED, *OPERATORS, *PLAIN, *ENDPOINTS}


def test_what_is_secret_is_encrypted_and_the_rest_is_not(applied: Applied, name: str) -> None:
    types = {path: parameter["Type"] for path, parameter in parameters(applied, name).items()}
    secret = {*GENERATED, *OPERATORS}
    assert types == {path: "SecureString" if path in secret else "String" for path in types}


def test_known_values_are_the_documented_ones(applied: Applied, name: str) -> None:
    found = parameters(applied, name)
    assert {path: found[path]["Value"] for path in PLAIN} == PLAIN


def test_generated_secrets_are_long_and_all_different(applied: Applied) -> None:
    values = [parameters(applied, name)[path]["Value"] for name in ("dev", "prod") for path in GENERATED]
    assert min(map(len, values)) >= 40
    assert len(set(values)) == len(values)


def test_what_only_an_operator_knows_waits_for_them(applied: Applied, name: str) -> None:
    found = parameters(applied, name)
    assert {found[path]["Value"] for path in OPERATORS} == {"unset"}


def test_services_find_redis_and_devs_database_where_aws_says_they_are(applied: Applied, ask: Ask, name: str) -> None:
    group_id = f"wealist-{name}-redis"
    (group,) = ask("elasticache", "describe_replication_groups", "ReplicationGroups", ReplicationGroupId=group_id)
    found = parameters(applied, name)
    assert found["cache/redis_host"]["Value"] == group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    database = {
        instance["DBInstanceIdentifier"]: instance["Endpoint"]["Address"]
        for instance in ask("rds", "describe_db_instances", "DBInstances")
    }
    assert found["db/endpoint"]["Value"] == database.get(f"wealist-{name}-rds", "unset")
