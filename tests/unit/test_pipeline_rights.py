"""The rights of the pipeline's roles follow from the types in use."""

import json
from collections.abc import Sequence
from typing import Final

import pytest

from tests.policies import allows, grants
from tests.unit.spec.builders import build
from wealist.constructs import pipeline_policies
from wealist.constructs.pipeline_policies import MOST_CHARACTERS, MOST_POLICIES, apply_policies, plan_policies
from wealist.constructs.pipeline_rights import statements
from wealist.errors import OperatorError
from wealist.model import types
from wealist.model.iam.evaluate import Grant
from wealist.toolkit.policy import Statement, document
from wealist.toolkit.types_in_use import InUse

HERE: Final = "ap-northeast-2:290008131187"
QUEUE: Final = f"arn:aws:sqs:{HERE}:wealist-prod-jobs"
EVERYTHING: Final = InUse(
    types.known_types(),
    frozenset(role.to for row in types.rows().values() for role in row.roles.values() if "." in role.to),
)
IN_SERVICE: Final = {"create": "sqs:CreateQueue", "change": "sqs:SetQueueAttributes", "delete": "sqs:DeleteQueue"}


def using(*kinds: str, passed_to: tuple[str, ...] = ()) -> InUse:
    return InUse(frozenset(kinds), frozenset(passed_to))


def of_apply(used: InUse) -> set[Grant]:
    policies = apply_policies(used, [build(name="stage", may_be_destroyed=True)])
    return {grant for policy in policies.values() for grant in grants(document(*policy))}


def of_plan(used: InUse) -> set[Grant]:
    return {grant for policy in plan_policies(used).values() for grant in grants(document(*policy))}


def length(policy: Sequence[Statement]) -> int:
    return len("".join(document(*policy).split()))


@pytest.mark.parametrize("action", IN_SERVICE.values())
def test_the_apply_role_may_create_change_and_delete_queues_with_names_of_the_project(action: str) -> None:
    assert not allows(of_apply(using("aws_vpc")), action, QUEUE)
    with_queue = of_apply(using("aws_vpc", "aws_sqs_queue"))
    assert allows(with_queue, action, QUEUE)
    assert not allows(with_queue, action, QUEUE.replace("wealist-", "another-"))
    assert not allows(of_plan(using("aws_sqs_queue")), action, QUEUE)


def test_the_plan_role_may_read_attributes_of_queues() -> None:
    assert allows(of_plan(using("aws_sqs_queue")), "sqs:GetQueueAttributes", QUEUE)
    assert not allows(of_plan(using("aws_vpc")), "sqs:GetQueueAttributes", QUEUE)


def test_dependent_actions_of_a_call_are_allowed_too() -> None:
    assert allows(of_apply(using("aws_vpc_endpoint")), "route53:AssociateVPCWithHostedZone", "*")


def test_resources_with_generated_ids_are_matched_by_a_wildcard() -> None:
    assert allows(of_apply(using("aws_subnet")), "ec2:CreateSubnet", f"arn:aws:ec2:{HERE}:subnet/subnet-1")


def test_a_call_may_use_the_resources_that_it_refers_to() -> None:
    given = of_apply(using("aws_db_instance"))
    assert allows(given, "rds:CreateDBInstance", f"arn:aws:rds:{HERE}:db:wealist-prod")
    assert allows(given, "rds:CreateDBInstance", f"arn:aws:rds:{HERE}:og:default:postgres-17")
    assert not allows(given, "rds:CreateDBInstance", f"arn:aws:rds:{HERE}:db:another")


@pytest.mark.parametrize(("kind", "service"), [("aws_db_instance", "secretsmanager"), ("aws_ebs_volume", "ec2")])
def test_keys_may_be_used_only_through_the_service(kind: str, service: str) -> None:
    key, given = f"arn:aws:kms:{HERE}:key/1", of_apply(using(kind))
    assert allows(given, "kms:Decrypt", key, ViaService=f"{service}.ap-northeast-2.amazonaws.com")
    assert not allows(given, "kms:Decrypt", key)
    assert not allows(given, "kms:Decrypt", key, ViaService="sqs.ap-northeast-2.amazonaws.com")
    assert allows(given, "kms:CreateGrant", key, GrantIsForAWSResource="true")
    assert not allows(given, "kms:CreateGrant", key, GrantIsForAWSResource="false")


def test_secrets_may_be_created_only_with_the_projects_or_rdss_names() -> None:
    own, of_rds = (f"arn:aws:secretsmanager:{HERE}:secret:{name}" for name in ("wealist-prod-x-Ab12", "rds!db-1"))
    for kind, reached, other in (("aws_secretsmanager_secret", own, of_rds), ("aws_db_instance", of_rds, own)):
        given = of_apply(using(kind))
        assert allows(given, "secretsmanager:CreateSecret", reached)
        assert not allows(given, "secretsmanager:CreateSecret", other)


def test_roles_may_be_passed_only_to_services_that_resources_pass_one_to() -> None:
    role = "arn:aws:iam::290008131187:role/wealist-prod-x-role"
    given = of_apply(using("aws_lambda_function", passed_to=("lambda.amazonaws.com",)))
    assert allows(given, "iam:PassRole", role, PassedToService="lambda.amazonaws.com")
    assert not allows(given, "iam:PassRole", role, PassedToService="ec2.amazonaws.com")
    assert not allows(
        given, "iam:PassRole", role.replace("wealist-", "another-"), PassedToService="lambda.amazonaws.com"
    )


def test_service_linked_roles_may_be_created_only_for_types_in_use() -> None:
    role = "arn:aws:iam::290008131187:role/aws-service-role/ecs.amazonaws.com/x"
    assert allows(
        of_apply(using("aws_ecs_cluster")), "iam:CreateServiceLinkedRole", role, AWSServiceName="ecs.amazonaws.com"
    )
    assert not allows(
        of_apply(using("aws_vpc")), "iam:CreateServiceLinkedRole", role, AWSServiceName="ecs.amazonaws.com"
    )


def test_types_that_operators_create_are_read_only() -> None:
    given = of_apply(using("aws_iam_user"))
    user = "arn:aws:iam::290008131187:user/wealist-x"
    assert allows(given, "iam:GetUser", user)
    assert not allows(given, "iam:CreateUser", user)


def test_objects_may_be_written_only_if_stacks_contain_objects() -> None:
    file = "arn:aws:s3:::wealist-deploy-scripts/monitoring/compose.yml"
    assert allows(of_apply(using("aws_s3_object")), "s3:PutObject", file)
    assert not allows(of_apply(using("aws_s3_bucket")), "s3:PutObject", file)


def resources_of(*kinds: str) -> set[str]:
    found = {arn for each in statements("Write", kinds).values() for statement in each for arn in statement.resources}
    return found - {"*"}


def test_referenced_resources_are_included_only_for_services_in_use() -> None:
    """A web ACL can protect seven kinds of resources."""
    acl = "aws_wafv2_web_acl_association"
    services = {arn.split(":")[2] for arn in resources_of(acl, "aws_lb")}
    assert services == {"wafv2", "elasticloadbalancing"}
    assert {arn.split(":")[2] for arn in resources_of(acl)} == {"wafv2"}


def test_retired_resource_types_are_left_out() -> None:
    named = resources_of("aws_db_instance", "aws_elasticache_replication_group")
    assert {arn for arn in named if arn.split(":")[5] in {"secgrp", "securitygroup"}} == set()


def test_a_pattern_for_every_region_replaces_that_of_one_region() -> None:
    keys = {arn for arn in resources_of("aws_kms_key", "aws_kms_alias") if ":key/" in arn}
    assert keys == {"arn:aws:kms:*:290008131187:key/*"}


def test_the_rights_of_every_known_type_fit_into_the_policies_of_one_role() -> None:
    policies = apply_policies(EVERYTHING, [build(name="stage", may_be_destroyed=True)])
    assert {name: length(policy) for name, policy in policies.items() if length(policy) > MOST_CHARACTERS} == {}
    assert len(policies) + 1 <= MOST_POLICIES  # the refusals
    assert all(len({each.sid for each in policy}) == len(policy) for policy in policies.values())


def test_more_policies_than_a_role_can_have_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_policies, "MOST_POLICIES", 3)
    with pytest.raises(OperatorError, match="policies for the types in use, and IAM attaches 3") as refused:
        apply_policies(using("aws_vpc"), [])
    assert "MOST_POLICIES" in refused.value.remedy


def test_the_order_of_types_does_not_matter() -> None:
    kinds = sorted(types.known_types())
    for verb in ("Read", "Write"):
        first, second = (statements(verb, each) for each in (kinds, reversed(kinds)))
        assert json.dumps(first, default=str) == json.dumps(second, default=str)
        assert list(first) == sorted(first)
