"""What the pipeline needs and lacks: one fault each, and the proof that an apply would be refused."""

from typing import Final

from tests.guarded import Edit, Fault, faults
from tests.unit.checks.faults.edits import Document, add, put
from tests.unit.checks.faults.iam_edits import APPLY, WRITE_2, Statement, allow, policy


def _lacks(role: str, action: str) -> Edit:
    """Takes an action out of every statement that allows it to `plan` or `apply`."""

    def drop(statements: list[Statement]) -> None:
        for each in statements:
            if each["Effect"] == "Allow" and action in each["Action"]:
                each["Action"].remove(action)
        statements[:] = [each for each in statements if each["Action"]]

    def edit(document: Document) -> None:
        for name in document["resource"]["aws_iam_policy"]:
            if name.startswith(f"pipeline_{role}_"):
                policy(("aws_iam_policy", name), drop)(document)

    return edit


def _denies(action: str, resource: str = "*") -> Edit:
    return allow(APPLY, action, resource, Effect="Deny")


def _passes_to_no_instance(statements: list[Statement]) -> None:
    (passing,) = (each for each in statements if each["Sid"] == "PassOwnRoles")
    passing["Condition"]["StringEquals"]["iam:PassedToService"].remove("ec2.amazonaws.com")


def _creates_no_linked_role(statements: list[Statement]) -> None:
    (linked,) = (each for each in statements if each["Sid"] == "MakeServiceLinkedRoles")
    linked["Condition"]["StringEquals"]["iam:AWSServiceName"].remove("elasticache.amazonaws.com")


def _uses_keys_by_another_service(statements: list[Statement]) -> None:
    (encrypting,) = (each for each in statements if each["Action"] == ["kms:Encrypt"])
    encrypting["Condition"]["StringEquals"]["kms:ViaService"] = "s3.ap-northeast-2.amazonaws.com"


FAULTS: Final[list[Fault]] = [
    *faults(
        "iam.coverage",
        {
            "applies cannot make a subnet": _lacks("apply", "ec2:CreateSubnet"),
            "applies cannot tag a repository": _lacks("apply", "ecr:TagResource"),
            "applies cannot delete a bucket": _lacks("apply", "s3:DeleteBucket"),
            "applies cannot take a policy off": _lacks("apply", "iam:DetachRolePolicy"),
            "applies cannot find a private name for an endpoint": _lacks("apply", "route53:AssociateVPCWithHostedZone"),
            "applies cannot look up an image": _lacks("apply", "ssm:GetParameters"),
            "applies cannot encrypt a secret": _lacks("apply", "kms:Encrypt"),
            "applies cannot use a key for a volume": _lacks("apply", "kms:GenerateDataKeyWithoutPlaintext"),
            "applies cannot write a parameter with its key": policy(WRITE_2, _uses_keys_by_another_service),
            "plans cannot read a zone": _lacks("plan", "route53:GetHostedZone"),
            "plans cannot read a bucket's policy": _lacks("plan", "s3:GetBucketPolicy"),
            "plans cannot make passwords up": _lacks("plan", "secretsmanager:GetRandomPassword"),
            "applies are denied what they are allowed": _denies("ec2:ModifyVpcAttribute"),
            "applies are denied what one resource takes": _denies(
                "elasticache:ModifyReplicationGroup",
                "arn:aws:elasticache:ap-northeast-2:290008131187:replicationgroup:wealist-prod-redis",
            ),
            "applies pass no role to instances": policy(APPLY, _passes_to_no_instance),
            "applies create no role of Redis": policy(APPLY, _creates_no_linked_role),
        },
        stack="account",
    ),
    *faults(
        "iam.coverage",
        {
            "a queue that the pipeline cannot make": add("aws_sqs_queue", name="wealist-prod-mail"),
            "whoever likes subscribes": add("aws_sns_topic_subscription", endpoint="https://example.com"),
            "a bucket of a name that is not ours": put("aws_s3_bucket.frontend_site_bucket.bucket", to="frontend"),
            "a parameter of a name that is not ours": put(
                "aws_ssm_parameter.parameters_db_port.name", to="/another/prod/db/port"
            ),
            "an object that the pipeline cannot write": put(
                "aws_s3_object.monitoring_files_file.key", to="another/file"
            ),
            "a bucket that must be emptied, and cannot be": put(
                "aws_s3_bucket.frontend_site_bucket.force_destroy", to=True
            ),
            "a role that the pipeline cannot pass": put("aws_iam_role.identity_ec2_role.name", to="ec2"),
        },
    ),
]
